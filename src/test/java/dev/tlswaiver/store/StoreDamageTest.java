package dev.tlswaiver.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.guard.Memory;
import dev.tlswaiver.guard.Pause;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Service;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A ledger that can't be read, one that grows, and one that somebody only wants to look at. */
final class StoreDamageTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  @TempDir Path directory;

  private Path file() {
    return directory.resolve("ledger.db");
  }

  private static Handshake failure(Instant at) {
    return new Handshake(
        Optional.of(at),
        new Service("postfix", "smtpd"),
        new Peer(HostName.find("mta1.oldbank.example"), IpAddress.find("198.51.100.10")),
        new Failed(
            Reason.UNSUPPORTED_PROTOCOL, Optional.of("0A000102"), "unsupported protocol", false));
  }

  private void fill(int failures) throws Exception {
    Batch batch = new Batch();
    for (int i = 0; i < failures; i++) {
      batch.addFailure(failure(NOON.plusSeconds(i)), new Pool("oldbank.example"));
    }
    batch.moveTo("place 41");
    try (Store store = Store.open(directory)) {
      store.commit(batch);
    }
  }

  private void sql(String sql) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  private void verify() throws Exception {
    try (Store store = Store.open(directory)) {
      store.verify();
    }
  }

  private static void assertDamage(ThrowingCallable opening) {
    assertThatThrownBy(opening)
        .isInstanceOfSatisfying(
            StoreException.class, failure -> assertThat(failure.isDamage()).isTrue());
  }

  @Test
  void aSoundLedgerIsVerified() throws Exception {
    fill(3);
    verify();
  }

  @Test
  void whatIsNoDatabaseIsDamaged() throws Exception {
    Files.writeString(file(), "this is not a database, however long it may be ".repeat(100));
    assertDamage(this::verify);
  }

  @Test
  void aBrokenPageIsDamaged() throws Exception {
    fill(2_000);
    try (RandomAccessFile raw = new RandomAccessFile(file().toFile(), "rw")) {
      for (long page = 20; page < 40; page++) {
        raw.seek(page * 4_096);
        raw.write("nonsense ".repeat(400).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      }
    }
    assertDamage(this::verify);
  }

  @Test
  void aDocumentThatCannotBeReadIsDamage() throws Exception {
    fill(1);
    sql("UPDATE failure SET document = '{\"instance\":'");
    assertDamage(this::verify);
  }

  @Test
  void aWaiverThatCannotBeReadIsDamage() throws Exception {
    fill(1);
    sql("INSERT INTO waiver VALUES(1, 'a.example', 'legacy', 'ACTIVE', '{\"pool\": \"A B\"}')");
    assertDamage(this::verify);
  }

  @Test
  void aFactThatCannotBeReadIsDamage() throws Exception {
    fill(1);
    sql("INSERT OR REPLACE INTO fact VALUES('handshakes', 'many')");
    assertDamage(this::verify);
    sql("INSERT OR REPLACE INTO fact VALUES('handshakes', '1')");
    sql("INSERT OR REPLACE INTO fact VALUES('schema', 'two')");
    assertDamage(this::verify);
  }

  @Test
  void aNewerFileIsNotDamaged() throws Exception {
    fill(1);
    sql("UPDATE fact SET value = '99' WHERE name = 'schema'");
    assertThatThrownBy(this::verify)
        .isInstanceOfSatisfying(
            StoreException.class, failure -> assertThat(failure.isDamage()).isFalse());
  }

  @Test
  void itIsSetAsideWithWhatBelongsToIt() throws Exception {
    fill(1);
    Files.writeString(Path.of(file() + "-wal"), "log");
    Files.writeString(Path.of(file() + "-shm"), "index");
    DamagedLedger damaged = DamagedLedger.setAside(directory, NOON);
    assertThat(damaged.aside()).isEqualTo(directory.resolve("ledger.damaged-20260301T120000Z.db"));
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .contains(
              "ledger.damaged",
              "ledger.damaged-20260301T120000Z.db",
              "ledger.damaged-20260301T120000Z.db-wal",
              "ledger.damaged-20260301T120000Z.db-shm")
          .doesNotContain("ledger.db", "ledger.db-wal", "ledger.db-shm");
    }
    assertThat(DamagedLedger.find(directory)).contains(damaged);
    assertThat(damaged.words()).contains(damaged.aside().toString(), "tlswaiver resume");
    verify();
    DamagedLedger.forget(directory);
    assertThat(DamagedLedger.find(directory)).isEmpty();
  }

  @Test
  void aNoteThatCannotBeReadCountsAllTheSame() throws Exception {
    Files.writeString(directory.resolve("ledger.damaged"), "");
    assertThat(DamagedLedger.find(directory)).isPresent();
  }

  @Test
  void thePauseIsKept() throws Exception {
    Pause pause = new Pause(NOON, "paused by the operator");
    try (Store store = Store.open(directory)) {
      store.setPause(Optional.of(pause));
    }
    try (Store store = Store.open(directory)) {
      assertThat(store.pause()).contains(pause);
      store.setPause(Optional.empty());
      assertThat(store.pause()).isEmpty();
    }
  }

  @Test
  void theOldestFailuresGoWhenThereAreTooMany() throws Exception {
    try (Store store = Store.open(directory)) {
      Batch batch = new Batch();
      batch.addFailure(failure(NOON), new Pool("oldbank.example"));
      store.commit(batch);
    }
    sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
            + (Store.MOST_FAILURES + 10)
            + ") INSERT INTO failure(at, document) SELECT printf('2026-03-02T%010d', i), '{}' FROM n");
    sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
            + (Store.MOST_SEEN + 10)
            + ") INSERT INTO seen SELECT 'strong', i, i, i, 0 FROM n");
    try (Store store = Store.open(directory)) {
      store.prune(Instant.EPOCH, Instant.EPOCH, Instant.EPOCH);
      Map<Long, Instant> seen = new HashMap<>();
      store.seenSince(
          Memory.STRONG, Instant.EPOCH, entry -> seen.put(entry.number(), entry.last()));
      assertThat(seen).hasSize(Store.MOST_SEEN).doesNotContainKey(10L).containsKey(11L);
    }
    assertThat(count("failure")).isEqualTo(Store.MOST_FAILURES);
    assertThat(count("failure WHERE at = '" + NOON + "'")).isZero();
  }

  private int count(String what) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT count(*) FROM " + what)) {
      rows.next();
      return rows.getInt(1);
    }
  }

  @Test
  void readingChangesNothing() throws Exception {
    fill(2);
    List<String> before = listing();
    try (Store store = Store.openForReading(directory).orElseThrow()) {
      assertThat(StoreTest.failuresSince(store, NOON)).hasSize(2);
      assertThat(store.cursor()).contains("place 41");
    }
    assertThat(listing()).isEqualTo(before);
    assertThat(Store.openForReading(directory.resolve("absent"))).isEmpty();
  }

  @Test
  void readingSeesWhatTheAgentHasWrittenJustNow() throws Exception {
    try (Store store = Store.open(directory)) {
      Batch batch = new Batch();
      batch.addFailure(failure(NOON), new Pool("oldbank.example"));
      store.commit(batch);
      try (Store reader = Store.openForReading(directory).orElseThrow()) {
        assertThat(StoreTest.failuresSince(reader, NOON)).hasSize(1);
      }
    }
  }

  /** The driver's own library comes and goes beside the ledger. */
  private List<String> listing() throws Exception {
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      files
          .map(path -> path.getFileName().toString())
          .filter(name -> !name.startsWith("sqlite-"))
          .sorted()
          .forEach(names::add);
    }
    return names;
  }

  @Test
  void failuresAreFoundByAPartOfTheirText() throws Exception {
    fill(2);
    List<Handshake> found = new ArrayList<>();
    try (Store store = Store.open(directory)) {
      store.eachFailure(Instant.EPOCH, "oldbank.example\"", found::add);
      assertThat(found).hasSize(2);
      store.eachFailure(Instant.EPOCH, "newbank.example\"", found::add);
      store.eachFailure(NOON.plusSeconds(1), "", found::add);
      assertThat(found).hasSize(3);
    }
  }
}
