package dev.tlswaiver.hand;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tlswaiver.actuator.SteadyClock;
import dev.tlswaiver.actuator.postfix.ProcessPrograms;
import dev.tlswaiver.lab.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may ask the hand, and with which state directory. */
@Timeout(60)
final class HandServerTest {
  @TempDir Path folder;

  private Path socket;
  private Path configuration;

  @BeforeEach
  void write() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "for root alone");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectory(folder.resolve("state"));
    socket = folder.resolve("hand.sock");
    configuration =
        Files.writeString(
            folder.resolve("tlswaiver.yaml"),
            "state_directory: %1$s/state\npostfix: {config_directory: %1$s/none}\n"
                .formatted(folder));
  }

  private @Nullable HandServer server;
  private @Nullable CompletableFuture<Void> serving;

  private void serve() throws Exception {
    HandServer opened =
        HandServer.open(
            Optional.of(configuration),
            Optional.of(new HandServer.Place(socket, Optional.of("nobody"))),
            new ProcessPrograms(),
            SteadyClock.system());
    server = opened;
    serving =
        CompletableFuture.runAsync(
            () -> {
              try {
                opened.serve();
              } catch (java.io.IOException failure) {
                throw new java.io.UncheckedIOException(failure);
              }
            });
  }

  @AfterEach
  void stop() {
    if (server != null && serving != null) {
      server.close();
      serving.join();
    }
  }

  private String ask(String user) {
    String script =
        "my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die $!;"
            + " print $s qq({\"version\":1,\"ask\":\"facts\"}\\n); $s->flush; print <$s>;";
    return Commands.run(
            List.of(
                "setpriv",
                "--reuid=" + user,
                "--clear-groups",
                "perl",
                "-MIO::Socket::UNIX",
                "-e",
                script,
                socket.toString()),
            Map.of())
        .output();
  }

  @ParameterizedTest
  @CsvSource({"nobody, true", "root, true", "daemon, false"})
  void whomTheOwnerLetsInIsNotAnswered(String user, boolean isAnswered) throws Exception {
    serve();
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
    assertThat(ask(user).contains("unreachable")).isEqualTo(isAnswered);
  }

  @Test
  void aDirectoryOfTheAgentsIsNotTheHands() throws Exception {
    Files.setOwner(
        folder.resolve("state"),
        folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
    serve();
    assertThat(ask("root")).contains("belongs to another user");
  }
}
