package dev.tlswaiver.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.Security;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Peers that look in and send no mail: one handshake from each of many addresses, by one program. A
 * program for each would take longer than all of their handshakes.
 *
 * <pre>Visitors SERVER TLSv1|TLSv1.3 ADDRESS...</pre>
 */
final class Visitors {
  private static final int SMTP = 25;
  private static final int PATIENCE_MILLIS = 20_000;

  private Visitors() {}

  public static void main(String[] arguments) throws Exception {
    // Read once, before the first context: TLS 1.0 is allowed again.
    Security.setProperty("jdk.tls.disabledAlgorithms", "");
    Security.setProperty("jdk.tls.legacyAlgorithms", "");
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new AnyCertificate()}, new SecureRandom());
    for (int i = 2; i < arguments.length; i++) {
      System.out.println(
          arguments[i] + " " + visit(context, arguments[0], arguments[1], arguments[i]));
    }
  }

  private static String visit(SSLContext context, String server, String protocol, String address)
      throws IOException, GeneralSecurityException {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
      socket.connect(new InetSocketAddress(server, SMTP), PATIENCE_MILLIS);
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      expect(in, "220");
      say(socket, in, "EHLO visitor.example", "250");
      say(socket, in, "STARTTLS", "220");
      SSLSocket tls =
          (SSLSocket) context.getSocketFactory().createSocket(socket, server, SMTP, false);
      tls.setEnabledProtocols(new String[] {protocol});
      try {
        tls.startHandshake();
      } catch (SSLException refused) {
        return "refused";
      }
      // Only who says something has read what the handshake ends with.
      say(
          tls,
          new BufferedReader(
              new InputStreamReader(tls.getInputStream(), StandardCharsets.ISO_8859_1)),
          "QUIT",
          "221");
      return "completed";
    }
  }

  private static void say(Socket socket, BufferedReader in, String line, String code)
      throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    expect(in, code);
  }

  private static void expect(BufferedReader in, String code) throws IOException {
    String line;
    do {
      line = in.readLine();
    } while (line != null && line.startsWith("-", code.length()));
    if (line == null || !line.startsWith(code)) {
      throw new IOException("wanted " + code + ": " + line);
    }
  }

  private static final class AnyCertificate implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
