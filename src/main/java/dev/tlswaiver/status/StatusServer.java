package dev.tlswaiver.status;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tlswaiver.report.HtmlPage;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/**
 * Answers {@code /} (the status page), {@code /metrics}, {@code /-/healthy} (the process lives) and
 * {@code /-/ready} (the log is followed and the host was reconciled), and nothing else. Whatever is
 * asked, it only reads. Whoever asks can't be known, and learns of no sender.
 */
public final class StatusServer implements AutoCloseable {
  private static final int MOST_THREADS = 10;
  private static final String TEXT = "text/plain; charset=utf-8";

  /** With a port or without; an IPv6 address is in brackets (RFC 9110, 7.2). */
  private static final Pattern ADDRESS_OR_LOCALHOST =
      Pattern.compile("(?i)(?:localhost|[0-9.]+|\\[[0-9a-f:.]+])(?::[0-9]+)?");

  private final HttpServer server;
  private final ExecutorService threads;
  private final MetricsHandler metrics;
  private final Board board;
  private final BooleanSupplier isReady;
  private final String version;

  /** Whether only this host can ask: elsewhere the host is asked for by its name. */
  private final boolean isLocal;

  private final InstantSource clock;

  /**
   * Begins to listen.
   *
   * @throws IOException if the address is taken or not ours; names it
   */
  public StatusServer(
      InetSocketAddress address,
      Metrics metrics,
      Board board,
      BooleanSupplier isReady,
      InstantSource clock)
      throws IOException {
    // Ten half-sent requests would hold up every scrape, as would ten who never read the answer.
    System.setProperty("sun.net.httpserver.maxReqTime", "5");
    System.setProperty("sun.net.httpserver.maxRspTime", "30");
    this.metrics = new MetricsHandler(metrics.prometheus());
    this.board = board;
    this.isReady = isReady;
    this.version = metrics.version();
    this.isLocal = address.getAddress() != null && address.getAddress().isLoopbackAddress();
    this.clock = clock;
    try {
      server = HttpServer.create(address, MOST_THREADS);
    } catch (IOException failure) {
      throw new IOException(
          "status.listen " + address + ": " + failure.getMessage() + "; choose another port",
          failure);
    }
    threads =
        new ThreadPoolExecutor(
            1,
            MOST_THREADS,
            1,
            TimeUnit.MINUTES,
            new SynchronousQueue<>(),
            StatusServer::thread,
            // Who comes when all are busy is served by the thread that accepts, and others wait.
            new ThreadPoolExecutor.CallerRunsPolicy());
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "status");
    thread.setDaemon(true);
    return thread;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Headers headers = exchange.getResponseHeaders();
      headers.set("X-Content-Type-Options", "nosniff");
      headers.set("Referrer-Policy", "no-referrer");
      headers.set("Cache-Control", "no-store");
      headers.set(
          "Content-Security-Policy",
          HtmlPage.POLICY + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
      String method = exchange.getRequestMethod();
      if (!method.equals("GET") && !method.equals("HEAD")) {
        headers.set("Allow", "GET, HEAD");
        respond(exchange, 405, TEXT, "Only GET and HEAD.\n");
        return;
      }
      if (!isMeant(exchange)) {
        respond(
            exchange,
            421,
            TEXT,
            "Ask for this by an address or as localhost. A proxy in front must not pass on the name"
                + " that it was asked by: no \"proxy_set_header Host\", no \"ProxyPreserveHost\".\n");
        return;
      }
      switch (exchange.getRequestURI().getPath()) {
        case "/" -> respond(exchange, 200, "text/html; charset=utf-8", page());
        case "/metrics" -> metrics.handle(exchange);
        case "/-/healthy" -> respond(exchange, 200, TEXT, "Healthy.\n");
        case "/-/ready" -> {
          boolean ready = isReady.getAsBoolean();
          respond(exchange, ready ? 200 : 503, TEXT, ready ? "Ready.\n" : "Not ready yet.\n");
        }
        default -> respond(exchange, 404, TEXT, "Not found.\n");
      }
    }
  }

  /**
   * Whether whoever asks knows that it talks to this host. A page elsewhere, whose name is made to
   * mean 127.0.0.1, has its visitor's browser ask under that name (DNS rebinding).
   */
  private boolean isMeant(HttpExchange exchange) {
    String host = exchange.getRequestHeaders().getFirst("Host");
    return host == null || !isLocal || ADDRESS_OR_LOCALHOST.matcher(host).matches();
  }

  private String page() {
    return board
        .latest()
        .map(
            snapshot ->
                StatusPage.render(
                    snapshot,
                    clock.instant(),
                    new StatusPage.Agent(version, isReady.getAsBoolean(), board.hasRefused())))
        .orElseGet(StatusPage::renderEmpty);
  }

  private static void respond(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    boolean hasBody = !exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, hasBody ? body.length : -1);
    if (hasBody) {
      exchange.getResponseBody().write(body);
    }
  }

  /** The port it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
