package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.lab.Commands;
import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import dev.tlswaiver.store.Store;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Disks that are full, read-only or locked: the host is as before, mail flows, and it is said. */
final class DiskIT {

  /** A file system of its own over a folder, until it is closed. */
  private record Mount(Path folder) implements AutoCloseable {
    static Mount of(Path folder, String... arguments) throws IOException {
      Files.createDirectories(folder);
      run(List.of(arguments));
      return new Mount(folder);
    }

    /** Writes until there is no room left. */
    void fill() throws IOException {
      try (OutputStream stream = Files.newOutputStream(folder.resolve("fill"))) {
        for (int size = 1 << 16; size > 0; size >>= 1) {
          writeWhileThereIsRoom(stream, size);
        }
      }
    }

    private static void writeWhileThereIsRoom(OutputStream stream, int size) {
      try {
        while (true) {
          stream.write(new byte[size]);
        }
      } catch (IOException full) {
        assertThat(full).hasMessageContaining("No space left");
      }
    }

    /** Of a full one, makes this many bytes free. */
    void leave(int bytes) throws IOException {
      try (FileChannel fill = FileChannel.open(folder.resolve("fill"), StandardOpenOption.WRITE)) {
        fill.truncate(fill.size() - bytes);
      }
    }

    void free() throws IOException {
      Files.delete(folder.resolve("fill"));
    }

    @Override
    public void close() {
      run(List.of("umount", "-l", folder.toString()));
    }
  }

  private static void run(List<String> command) {
    Commands.Ended ended = Commands.run(command, Map.of());
    assertThat(ended.exit()).as(ended.output()).isZero();
  }

  @Test
  void aFullDiskUnderTheLedgerIsWaitedFor() throws Exception {
    try (Lab lab = Lab.up();
        Mount disk =
            Mount.of(
                lab.state(), "mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", "" + lab.state())) {
      // The one that runs can't see what was mounted after its start.
      lab.stopPostfix();
      lab.startPostfix();
      HostState before = lab.hostState();
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      disk.fill();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("ledger.db.*nothing is acted on until it can be written");
      Lab.await(
          "the metric", () -> lab.get("/metrics").contains("\ntlswaiver_ledger_writable 0.0"));
      assertThat(lab.hostState()).isEqualTo(before);
      assertThat(lab.send(Lab.MODERN, "modern")).isPresent();
      disk.free();
      agent.await("the ledger is written again");
      agent.await("PROPOSED -> ACTIVE");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      agent.kill();
    }
  }

  /** Without a copy there is no way back: the ledger stays as the release before left it. */
  @Test
  void aLedgerThatCannotBeCopiedIsNotRaised() throws Exception {
    Path folder = Files.createTempDirectory("tlswaiver-disk");
    try (Mount disk =
        Mount.of(folder, "mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder.toString())) {
      Store.open(folder).close();
      Path ledger = folder.resolve("ledger.db");
      try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + ledger);
          Statement statement = connection.createStatement()) {
        statement.executeUpdate("UPDATE fact SET value = '3' WHERE name = 'schema'");
        statement.executeUpdate("ALTER TABLE seen DROP COLUMN first");
        statement.executeUpdate("ALTER TABLE seen DROP COLUMN held");
      }
      byte[] before = Files.readAllBytes(ledger);
      disk.fill();
      assertThatThrownBy(() -> Store.open(folder))
          .hasMessageContainingAll(ledger.toString(), "(is the disk full?)");
      // Now it can be looked at.
      disk.leave(1 << 16);
      assertThatThrownBy(() -> Store.open(folder))
          .hasMessageContaining(ledger + ": of an earlier schema, and not raised")
          .hasMessageContaining("(is the disk full?)");
      assertThat(Files.readAllBytes(ledger)).isEqualTo(before);
      disk.free();
      Store.open(folder).close();
      assertThat(folder.resolve("ledger.db.schema-3")).exists();
    }
    Files.delete(folder);
  }

  private static void assertUndone(Lab lab, HostState before, String why) throws Exception {
    RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
    lab.failThreeTimes(Lab.OLD, "tls1");
    agent.await("plan rolled back: write .*" + why);
    agent.await("PROPOSED -> FAILED");
    assertThat(lab.hostState()).isEqualTo(before);
    assertThat(lab.isPostfixRunning()).isTrue();
    assertThat(lab.send(Lab.MODERN, "modern")).isPresent();
    agent.kill();
  }

  @Test
  void aFullDiskUnderPostfixIsAReasonToRollBack() throws Exception {
    try (Lab lab = Lab.up()) {
      Path copy = Files.createTempDirectory("tlswaiver-disk");
      run(List.of("cp", "-a", lab.postfix() + "/.", copy.toString()));
      try (Mount disk =
          Mount.of(
              lab.postfix(),
              "mount",
              "-t",
              "tmpfs",
              "-o",
              "size=1m,mode=755",
              "tmpfs",
              "" + lab.postfix())) {
        run(List.of("cp", "-a", copy + "/.", lab.postfix().toString()));
        disk.fill();
        assertUndone(lab, lab.hostState(), "No space left on device");
      } finally {
        run(List.of("rm", "-r", copy.toString()));
      }
    }
  }

  @Test
  void aReadOnlyConfigurationIsAReasonToRollBack() throws Exception {
    try (Lab lab = Lab.up();
        Mount mount =
            Mount.of(lab.postfix(), "mount", "--bind", "" + lab.postfix(), "" + lab.postfix())) {
      run(List.of("mount", "-o", "remount,ro,bind", mount.folder().toString()));
      assertUndone(lab, lab.hostState(), "Read-only file system");
    }
  }

  @Test
  void anImmutableMasterFileIsAReasonToRollBack() throws Exception {
    try (Lab lab = Lab.up()) {
      String master = lab.postfix().resolve("master.cf").toString();
      run(List.of("chattr", "+i", master));
      try {
        assertUndone(lab, lab.hostState(), "Operation not permitted");
      } finally {
        run(List.of("chattr", "-i", master));
      }
    }
  }
}
