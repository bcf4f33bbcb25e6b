import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.Security;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * An old mail system that delivers one mail by STARTTLS with one protocol version, and nothing else.
 *
 * <pre>java OldClient.java FROM-ADDRESS TO-ADDRESS PORT SSLv3|TLSv1|TLSv1.1 HELO RECIPIENT</pre>
 *
 * <p>Java still knows SSLv3, which OpenSSL is built without on most systems. Like its models it
 * looks at no certificate and does not fall back to plaintext: a failed handshake is a mail not
 * delivered, and exit code 1.
 */
final class OldClient {
  private static final int PATIENCE_MILLIS = 20_000;

  private Socket socket;
  private BufferedReader in;
  private OutputStream out;

  private OldClient(Socket socket) throws IOException {
    become(socket);
  }

  public static void main(String[] arguments) throws Exception {
    // JSSE reads these once, before its first context. Everything it ever knew is allowed again.
    Security.setProperty("jdk.tls.disabledAlgorithms", "");
    Security.setProperty("jdk.tls.legacyAlgorithms", "");
    Security.setProperty("jdk.certpath.disabledAlgorithms", "");

    // An old client knows no TLS 1.3; its hello with an extension of TLS 1.3 would be refused as a
    // contradiction rather than as old.
    System.setProperty(
        "jdk.tls.client.disableExtensions",
        "supported_versions,key_share,psk_key_exchange_modes,signature_algorithms,"
            + "signature_algorithms_cert,status_request,status_request_v2,session_ticket,"
            + "extended_master_secret");

    String protocol = arguments[3];
    String helo = arguments[4];
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.bind(new InetSocketAddress(InetAddress.getByName(arguments[0]), 0));
      socket.connect(
          new InetSocketAddress(
              InetAddress.getByName(arguments[1]), Integer.parseInt(arguments[2])),
          PATIENCE_MILLIS);
      OldClient client = new OldClient(socket);
      client.expect("220");
      client.say("EHLO " + helo, "250");
      client.say("STARTTLS", "220");
      client.startTls(protocol);
      client.say("EHLO " + helo, "250");
      client.say("MAIL FROM:<postmaster@" + helo + ">", "250");
      client.say("RCPT TO:<" + arguments[5] + ">", "250");
      client.say("DATA", "354");
      client.say("Subject: " + protocol + "\r\n\r\nA mail of the old kind.\r\n.", "250");
      client.say("QUIT", "221");
    } catch (IOException e) {
      System.out.println("*** " + e.getMessage());
      System.exit(1);
    }
  }

  private void become(Socket newSocket) throws IOException {
    socket = newSocket;
    in =
        new BufferedReader(
            new InputStreamReader(newSocket.getInputStream(), StandardCharsets.ISO_8859_1));
    out = newSocket.getOutputStream();
  }

  private void startTls(String protocol) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new AnyCertificate()}, new SecureRandom());
    SSLSocket tls =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(
                    socket, socket.getInetAddress().getHostAddress(), socket.getPort(), true);
    tls.setEnabledProtocols(new String[] {protocol});
    tls.setEnabledCipherSuites(tls.getSupportedCipherSuites());
    tls.startHandshake();
    become(tls);
    System.out.println(
        "=== " + tls.getSession().getProtocol() + " " + tls.getSession().getCipherSuite());
  }

  private void say(String line, String code) throws IOException {
    out.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    expect(code);
  }

  private void expect(String code) throws IOException {
    String line;
    do {
      line = in.readLine();
      if (line == null) {
        throw new IOException("the server hung up");
      }
      System.out.println("<-  " + line);
    } while (line.startsWith("-", 3));
    if (!line.startsWith(code)) {
      throw new IOException("refused: " + line);
    }
  }

  /** Trusts anyone, as opportunistic TLS between mail hosts does. */
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
