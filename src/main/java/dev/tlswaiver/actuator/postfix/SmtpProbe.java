package dev.tlswaiver.actuator.postfix;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** Speaks to a listener as a modern sender would, up to the handshake, and leaves. */
final class SmtpProbe {
  private static final int TIMEOUT_MILLIS = 15_000;

  /**
   * What a listener did.
   *
   * @param offers whether it offered STARTTLS
   * @param protocol what was negotiated; empty where nothing was
   */
  record Seen(boolean offers, String protocol) {
    /** Whether a TLS handshake was completed. */
    boolean negotiates() {
      return !protocol.isEmpty();
    }
  }

  private SmtpProbe() {}

  /**
   * Connects, and negotiates where STARTTLS is offered.
   *
   * @throws IOException if nobody greets with 220; says what came instead
   */
  static Seen look(InetSocketAddress address) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(address, TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      expect(reader, "220", address);
      say(socket, "EHLO localhost");
      boolean offers = expect(reader, "250", address).contains("STARTTLS");
      if (!offers) {
        say(socket, "QUIT");
        return new Seen(false, "");
      }
      say(socket, "STARTTLS");
      expect(reader, "220", address);
      return new Seen(true, negotiate(socket, address));
    }
  }

  private static String negotiate(Socket socket, InetSocketAddress address) {
    try (SSLSocket tls =
        (SSLSocket)
            context()
                .getSocketFactory()
                .createSocket(socket, address.getHostString(), address.getPort(), false)) {
      tls.startHandshake();
      String protocol = tls.getSession().getProtocol();
      say(tls, "QUIT");
      return protocol;
    } catch (IOException | GeneralSecurityException failed) {
      return "";
    }
  }

  /** Trusts everybody: this asks whether the server can negotiate, not who it is. */
  private static SSLContext context() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        null,
        new TrustManager[] {
          new X509TrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) {}

            @Override
            public X509Certificate[] getAcceptedIssuers() {
              return new X509Certificate[0];
            }
          }
        },
        new SecureRandom());
    return context;
  }

  private static void say(Socket socket, String command) throws IOException {
    socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }

  /** Reads a reply of one or more lines. */
  private static String expect(BufferedReader reader, String code, InetSocketAddress address)
      throws IOException {
    StringBuilder reply = new StringBuilder();
    String line;
    do {
      line = reader.readLine();
      if (line == null || !line.startsWith(code)) {
        throw new IOException(
            address + " answered '" + (line == null ? "nothing" : line) + "' instead of " + code);
      }
      reply.append(line).append('\n');
    } while (line.startsWith(code + "-"));
    return reply.toString();
  }
}
