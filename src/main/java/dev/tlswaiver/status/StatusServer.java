package dev.tlswaiver.status;

import com.sun.net.httpserver.HttpExchange;
import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/**
 * Answers {@code /metrics}, {@code /-/healthy} (the process lives) and {@code /-/ready} (the log is
 * followed and the host was reconciled).
 */
public final class StatusServer implements AutoCloseable {
  private final HTTPServer server;

  /**
   * Begins to listen.
   *
   * @throws IOException if the address is taken or not ours; names it
   */
  public StatusServer(InetSocketAddress address, Metrics metrics, BooleanSupplier isReady)
      throws IOException {
    // Ten half-sent requests would hold up every scrape for the default of a minute.
    System.setProperty("sun.net.httpserver.maxReqTime", "5");
    try {
      server =
          HTTPServer.builder()
              .inetAddress(address.getAddress())
              .port(address.getPort())
              .registry(metrics.prometheus())
              .defaultHandler(exchange -> answer(exchange, isReady))
              .buildAndStart();
    } catch (IOException failure) {
      throw new IOException(
          "status.listen " + address + ": " + failure.getMessage() + "; choose another port",
          failure);
    }
  }

  private static void answer(HttpExchange exchange, BooleanSupplier isReady) throws IOException {
    switch (exchange.getRequestURI().getPath()) {
      case "/-/ready" -> {
        boolean ready = isReady.getAsBoolean();
        respond(exchange, ready ? 200 : 503, ready ? "Ready.\n" : "Not ready yet.\n");
      }
      case "/" -> respond(exchange, 200, "tlswaiver: /metrics /-/healthy /-/ready\n");
      default -> respond(exchange, 404, "Not found.\n");
    }
  }

  private static void respond(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** The port it listens on. */
  public int port() {
    return server.getPort();
  }

  @Override
  public void close() {
    server.stop();
  }
}
