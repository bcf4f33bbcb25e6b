package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;

/** Rule f: what stands before the relaxed listener is no stricter for good, and it has no AUTH. */
final class LoginIT {
  /** As much of Dovecot's authentication protocol as Postfix asks for: everybody may log in. */
  private static final class Logins implements AutoCloseable {
    private static final String GREETING =
        "VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t0\nDONE\n";

    private final Path socket;
    private final ServerSocketChannel server;

    Logins(Path socket) throws IOException {
      this.socket = socket;
      server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(socket));
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
      Thread thread = new Thread(this::serve, "logins");
      thread.setDaemon(true);
      thread.start();
    }

    private void serve() {
      try {
        while (true) {
          SocketChannel client = server.accept();
          Thread thread = new Thread(() -> serve(client), "login");
          thread.setDaemon(true);
          thread.start();
        }
      } catch (ClosedChannelException closed) {
        // The test has ended.
      } catch (IOException failure) {
        throw new AssertionError(failure);
      }
    }

    private static void serve(SocketChannel client) {
      try (BufferedReader in =
          new BufferedReader(Channels.newReader(client, StandardCharsets.US_ASCII))) {
        say(client, GREETING);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          String[] words = line.split("\t");
          if (words[0].equals("AUTH")) {
            say(client, "OK\t" + words[1] + "\tuser=anybody\n");
          }
        }
      } catch (IOException gone) {
        // So is whoever asked.
      }
    }

    private static void say(SocketChannel client, String text) throws IOException {
      client.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }

  @Test
  void whoLogsInIsNotSentToWhereNobodyCanAndShowTellsWhy() throws Exception {
    try (Lab lab = Lab.up();
        Logins logins = new Logins(lab.postfix().resolve("logins"))) {
      lab.onHost(
          "postconf",
          "-c",
          lab.postfix().toString(),
          "-e",
          "smtpd_sasl_type = dovecot",
          "smtpd_sasl_path = " + logins.socket,
          "smtpd_sasl_auth_enable = yes");
      lab.onHost("postfix", "-c", lab.postfix().toString(), "reload");
      HostState before = lab.hostState();
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      Lab.await(
          "a mail of somebody who logged in",
          () ->
              lab.sendFrom(
                  "198.51.100.10",
                  Lab.OLD,
                  "--auth",
                  "PLAIN",
                  "--auth-user",
                  "anybody",
                  "--auth-password",
                  "x"));
      lab.failThreeTimes(Lab.OLD, "tls1");

      agent.await("REFUSED pool=oldbank.example .*guard=logs-in");
      assertThat(lab.tlswaiver(lab.configuration(), "show", "oldbank.example").output())
          .contains("logs-in", "oldbank.example logs in with AUTH when it sends by the public");
      assertThat(lab.hostState()).isEqualTo(before);
      // Who does not log in is waived beside it, and meets no AUTH.
      lab.failThreeTimes(Lab.UNLISTED, "tls1");
      agent.await("PROPOSED -> ACTIVE pool=elsewhere.example");
      assertThat(lab.send(Lab.UNLISTED, "tls1")).isPresent();
    }
  }
}
