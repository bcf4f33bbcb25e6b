package dev.tlswaiver.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.config.ConfigurationReader;
import dev.tlswaiver.control.Request;
import dev.tlswaiver.lab.Commands;
import dev.tlswaiver.store.Store;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Root's commands, where the agent was taken over and left something in its directory. */
@Timeout(60)
final class PlantedFilesTest {
  private static final String USER = "nobody";

  @TempDir Path folder;

  private Path state;
  private Path precious;
  private Configuration configuration;

  @BeforeEach
  void divide() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "for root alone");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    state = Files.createDirectory(folder.resolve("state"));
    Files.createDirectory(folder.resolve("state-hand"));
    precious = Files.writeString(folder.resolve("precious"), "root's own\n");
    Files.setPosixFilePermissions(precious, PosixFilePermissions.fromString("rw-------"));
    configuration =
        ConfigurationReader.parse(
            "test",
            "state_directory: %1$s/state\nmode: observe\npostfix: {config_directory: %1$s/none}\n"
                .formatted(folder));
    own(state);
  }

  private static UserPrincipal user() throws IOException {
    return Path.of("/").getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER);
  }

  private static void own(Path file) throws IOException {
    Files.setOwner(file, user());
  }

  private void pause() throws Exception {
    Offline.answers(configuration).pause(new Request.Pause(Duration.ofHours(1)));
  }

  private void list() throws Exception {
    Offline.answers(configuration).list(new Request.Inventory("json", true));
  }

  private void assertUnharmed() throws IOException {
    assertThat(precious).hasContent("root's own\n");
  }

  @Test
  void whatRootMakesIsTheAgents() throws Exception {
    pause();
    for (String file : List.of("agent.lock", "ledger.db", "memory.key")) {
      assertThat(Files.getOwner(state.resolve(file))).isEqualTo(user());
    }
    list();
    Path mine = Files.createFile(folder.resolve("mine"));
    assertThat(Files.getOwner(mine).getName()).isEqualTo("root");
  }

  @Test
  void aLockThatIsALinkEmptiesNothing() throws Exception {
    Files.createSymbolicLink(state.resolve("agent.lock"), precious);
    assertThatThrownBy(this::pause).hasMessageContaining("can't be used");
    assertThatThrownBy(() -> Sweep.now(configurationWithLedger())).hasMessageContaining("can't be");
    assertUnharmed();
  }

  private Configuration configurationWithLedger() throws IOException {
    Files.createFile(state.resolve("ledger.db"));
    return configuration;
  }

  @Test
  void aLedgerThatIsALinkMakesNothing() throws Exception {
    Path elsewhere = Files.createDirectory(folder.resolve("cron.d"));
    Files.createSymbolicLink(state.resolve("ledger.db"), elsewhere.resolve("job"));
    assertThatThrownBy(this::pause).isInstanceOf(IOException.class);
    assertThat(elsewhere).isEmptyDirectory();
  }

  @Test
  void noteAndKeyThatAreLinksAreNotFollowed() throws Exception {
    Files.createSymbolicLink(state.resolve("ledger.damaged.new"), precious);
    Files.createSymbolicLink(state.resolve("memory.key"), precious);
    Files.writeString(state.resolve("ledger.db"), "no ledger at all, but long enough to be one");
    own(state.resolve("ledger.db"));
    assertThatThrownBy(() -> AsAgentWork.replaceLedger(state)).isInstanceOf(IOException.class);
    assertUnharmed();
  }

  private static final class AsAgentWork {
    static void replaceLedger(Path state) throws IOException {
      try (AsAgent agent = AsAgent.in(state);
          Store store = RunningAgent.openOrReplace(agent.stateDirectory())) {
        store.waivers();
      }
    }
  }

  /**
   * SQLite removes the super-journal that a journal names, once it has rolled back (its pager.c).
   */
  @Test
  void aJournalThatNamesAFileRemovesNothing() throws Exception {
    Path ledger = state.resolve("ledger.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + ledger);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE fact(name TEXT PRIMARY KEY, value TEXT)");
    }
    Path journal = state.resolve("ledger.db-journal");
    Files.write(journal, journal(Files.size(ledger), precious));
    own(ledger);
    own(journal);
    try {
      pause();
    } catch (IOException refused) {
      assertThat(refused).hasMessageContaining("ledger.db");
    }
    assertUnharmed();
  }

  private static byte[] journal(long size, Path named) throws IOException {
    byte[] name = named.toString().getBytes(StandardCharsets.US_ASCII);
    byte[] magic = {(byte) 0xd9, (byte) 0xd5, 5, (byte) 0xf9, 0x20, (byte) 0xa1, 0x63, (byte) 0xd7};
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(magic);
    out.writeInt(0); // Records.
    out.writeInt(0);
    out.writeInt((int) (size / 4_096));
    out.writeInt(512);
    out.writeInt(4_096);
    out.write(new byte[512 - out.size()]);
    out.writeInt((1 << 30) / 4_096 + 1); // The page of the lock, which is never a record.
    out.write(name);
    out.writeInt(name.length);
    int sum = 0;
    for (byte letter : name) {
      sum += letter;
    }
    out.writeInt(sum);
    out.write(magic);
    return bytes.toByteArray();
  }

  @Test
  void noLibraryIsUnpackedWhereTheAgentCanChangeIt() throws Exception {
    try (AsAgent agent = AsAgent.in(state)) {
      assertThat(agent.stateDirectory()).isEqualTo(state);
      assertThat(System.getProperty("jna.tmpdir")).doesNotStartWith(state + "/");
      assertThat(System.getProperty("org.sqlite.tmpdir")).isEqualTo(state + "-hand");
    }
  }

  @Test
  void nobodyWaitsForAPipe() throws Exception {
    for (String name : List.of("ledger.db", "ledger.damaged")) {
      assertThat(Commands.run(List.of("mkfifo", state.resolve(name).toString()), Map.of()).exit())
          .isZero();
      assertThatThrownBy(this::list).isInstanceOf(IOException.class);
    }
  }

  @Test
  void whatTheAgentPutThereIsNotAdopted() throws Exception {
    Files.writeString(state.resolve("journal"), "a plan of the agent's own");
    Files.writeString(Files.createDirectory(state.resolve("tls")).resolve("relaxed.pem"), "a key");
    Files.createSymbolicLink(state.resolve("agent.lock"), precious);
    assertThat(Adoption.of(configuration, USER)).isZero();
    assertThat(folder.resolve("state-hand")).isEmptyDirectory();
    assertUnharmed();
  }

  @Test
  void rootIsNoAgentThere() {
    assertThatThrownBy(
            () -> RunningAgent.start(configuration, RunningAgent.Purpose.SERVE, "test", System.out))
        .hasMessageContaining("belongs to the user " + USER);
  }
}
