package dev.tlswaiver.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.entry;

import dev.tlswaiver.guard.KeyedHash;
import dev.tlswaiver.guard.LastSeen;
import dev.tlswaiver.guard.Memory;
import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Notes;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Observation.Neighbours;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Service;
import dev.tlswaiver.house.HeldOutput;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.Attempt;
import dev.tlswaiver.waiver.Diagnosis;
import dev.tlswaiver.waiver.Evidence;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Objector;
import dev.tlswaiver.waiver.Proof;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Term;
import dev.tlswaiver.waiver.Transition;
import dev.tlswaiver.waiver.Waiver;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StoreTest {
  private static final ClientHello HELLO =
      new ClientHello(
          0x0301, List.of(0x0301, 0x0300), List.of(0x2F, 0x05), List.of(23), List.of(0x0201), true);

  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  @TempDir Path directory;

  private static final Pool OLD = new Pool("oldbank.example");

  static List<Handshake> failuresSince(Store store, Instant start) throws Exception {
    List<Handshake> failures = new ArrayList<>();
    store.eachFailure(start, "", failures::add);
    return failures;
  }

  private static Map<Long, Instant> seenSince(Store store, Memory memory, Instant start)
      throws Exception {
    Map<Long, Instant> seen = new LinkedHashMap<>();
    store.seenSince(memory, start, entry -> seen.put(entry.number(), entry.last()));
    return seen;
  }

  private static LastSeen.Entry seen(long number, Instant at) {
    return new LastSeen.Entry(number, at, at, false);
  }

  private static Waiver full() {
    return new Waiver(
        7,
        new Pool("oldbank.example"),
        List.of(IpAddress.parse("198.51.100.10"), IpAddress.parse("2001:db8::10")),
        List.of(IpAddress.parse("198.51.100.12")),
        List.of(IpPrefix.parse("198.51.100.10/32"), IpPrefix.parse("2001:db8::10/128")),
        Rung.LEGACY,
        new Evidence(
            "old-protocol",
            Reason.UNSUPPORTED_PROTOCOL,
            Optional.of("0A000102"),
            3,
            NOON,
            NOON.plusSeconds(60),
            Optional.of(new Diagnosis(HELLO, Rung.LEGACY, "It offers \"TLSv1\"."))),
        NOON.plusSeconds(60),
        State.PROVEN,
        1,
        Optional.of(new Term(NOON.plusSeconds(61), NOON.plusSeconds(99))),
        Optional.of(
            new Attempt(
                NOON.plusSeconds(69),
                Rung.LEGACY,
                Optional.of(Reason.NO_SHARED_CIPHER),
                Optional.of("TLSv1"),
                Optional.of("AES128-SHA"))),
        Map.of(
            IpAddress.parse("198.51.100.10"), Rung.LEGACY,
            IpAddress.parse("2001:db8::10"), Rung.DIAGNOSE),
        Optional.of(
            new Proof(
                Rung.LEGACY,
                Optional.of("TLSv1"),
                Optional.of("AES128-SHA"),
                "4F6D0629C",
                NOON.plusSeconds(70))),
        List.of(
            new Objection(GuardName.PROBE, "looks \"odd\"\nbut was overruled"),
            new Objection(Objector.ofLabel("of-a-newer-release"), "no guard here is called so")),
        List.of(
            new Transition(State.PROPOSED, NOON, "3 failures"),
            new Transition(State.ACTIVE, NOON.plusSeconds(61), "the plan was applied")));
  }

  private static Handshake failure(Instant at) {
    return new Handshake(
        Optional.of(at),
        new Service("postfix", "smtpd"),
        new Peer(
            HostName.find("mta1.oldbank.example"), Optional.of(IpAddress.parse("198.51.100.10"))),
        new Failed(
            Reason.UNSUPPORTED_PROTOCOL, Optional.of("0A000102"), "unsupported protocol", false));
  }

  private static final Neighbours NEIGHBOURS =
      new Neighbours(
          Optional.of(NOON),
          new Pool("oldbank.example"),
          IpPrefix.parse("198.51.100.0/24"),
          List.of(
              Peer.find("mta2.oldbank.example[198.51.100.11]").orElseThrow(),
              Peer.find("mta3.oldbank.example[198.51.100.12]").orElseThrow()),
          true);

  @Test
  void whatWasLookedUpIsKeptAMonthForWhoeverReplaysIt() throws Exception {
    Batch batch = new Batch();
    batch.addSight(NEIGHBOURS, NEIGHBOURS.pool());
    batch.addFailure(failure(NOON), OLD);
    List<Observation> sights = new ArrayList<>();
    List<Neighbours> lookups = new ArrayList<>();
    try (Store store = Store.open(directory)) {
      store.commit(batch);
      store.eachSightSince(NOON, sights::add);
      store.prune(NOON.plusSeconds(60), NOON.minusSeconds(60), NOON.plusSeconds(60));
      store.verify();
      store.eachLookup(lookups::add);
      assertThat(lookups).containsExactly(NEIGHBOURS);
      store.prune(NOON.plusSeconds(60), NOON.plusSeconds(60), NOON.plusSeconds(60));
      store.eachLookup(lookups::add);
    }
    assertThat(sights).contains(NEIGHBOURS);
    assertThat(lookups).hasSize(1);
  }

  @Test
  void anIpv6AddressThatWasAPoolOfItsOwnIsItsNetworkNow() {
    String old = Documents.write(full()).replace("\"oldbank.example\"", "\"2001:db8::10\"");
    assertThat(Documents.readWaiver(7, old.replaceFirst("\"joined\":[^]]*],", "")).pool())
        .isEqualTo(new Pool("2001:db8::/64"));
  }

  @Test
  void whatWasCommittedIsThereAfterARestart() throws Exception {
    Batch batch = new Batch();
    batch.add(full());
    batch.addFailure(failure(NOON), OLD);
    batch.remember(Memory.STRONG, seen(41L, NOON));
    batch.moveTo("place 41");
    batch.count(Totals.NONE.plus(true, NOON));
    try (Store store = Store.open(directory)) {
      store.commit(batch);
    }
    try (Store store = Store.open(directory)) {
      assertThat(store.waivers()).containsExactly(full());
      assertThat(failuresSince(store, NOON)).containsExactly(failure(NOON));
      assertThat(seenSince(store, Memory.STRONG, NOON)).containsExactly(entry(41L, NOON));
      assertThat(store.cursor()).contains("place 41");
      assertThat(store.totals()).isEqualTo(new Totals(1, 1, Optional.of(NOON)));
    }
  }

  @Test
  void whatWasNotCommittedIsNot() throws Exception {
    try (Store store = Store.open(directory)) {
      assertThat(store.waivers()).isEmpty();
      assertThat(store.cursor()).isEmpty();
      assertThat(store.totals()).isEqualTo(Totals.NONE);
    }
  }

  @Test
  void oldEvidenceIsPruned() throws Exception {
    Batch batch = new Batch();
    batch.addFailure(failure(NOON), OLD);
    batch.addFailure(failure(NOON.plusSeconds(10)), OLD);
    batch.remember(Memory.STRONG, seen(41L, NOON));
    try (Store store = Store.open(directory)) {
      store.commit(batch);
      store.prune(NOON.plusSeconds(1), NOON.plusSeconds(1), NOON);
      assertThat(failuresSince(store, Instant.EPOCH))
          .containsExactly(failure(NOON.plusSeconds(10)));
      assertThat(seenSince(store, Memory.STRONG, Instant.EPOCH)).isEmpty();
    }
  }

  @Test
  void aNewerFileIsRefusedByName() throws Exception {
    Store.open(directory).close();
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        var statement = connection.createStatement()) {
      statement.executeUpdate("UPDATE fact SET value = '99' WHERE name = 'schema'");
    }
    assertThatThrownBy(() -> Store.open(directory))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(file().toString())
        .hasMessageContaining("newer");
  }

  @Test
  void aDamagedFileIsRefusedByName() throws Exception {
    Files.writeString(file(), "this is not a database, however long it may be ".repeat(100));
    assertThatThrownBy(() -> Store.open(directory))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(file().toString());
  }

  private Path file() {
    return directory.resolve("ledger.db");
  }

  /** The tables of the first release. */
  private static final String SCHEMA_1 =
      """
      CREATE TABLE waiver(
        id INTEGER PRIMARY KEY, pool TEXT NOT NULL, rung TEXT NOT NULL, state TEXT NOT NULL,
        document TEXT NOT NULL);
      CREATE TABLE failure(at TEXT NOT NULL, document TEXT NOT NULL);
      CREATE INDEX failure_at ON failure(at);
      CREATE TABLE strong(who TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE fact(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      INSERT INTO fact VALUES('schema', '1'), ('cursor', 'place 41'), ('handshakes', '9');
      INSERT INTO strong VALUES('192.0.2.1', '2026-03-01T12:00:00.123Z'),
        ('modern.example', '2026-03-01T12:00:59Z');
      INSERT INTO failure VALUES('2026-03-01T12:00:00Z',
        '{"instance":"postfix","service":"smtpd","name":"mta1.oldbank.example",\
      "address":"198.51.100.10","reason":"unsupported-protocol","openssl":"0A000102",\
      "text":"unsupported protocol","late":false}');
      INSERT INTO waiver VALUES(7, 'oldbank.example', 'legacy', 'PROVEN',
        '{"pool":"oldbank.example","addresses":["198.51.100.10"],\
      "networks":["198.51.100.10/32"],"rung":"legacy","reason":"unsupported-protocol",\
      "openssl":"0A000102","rule":"old-protocol","failures":3,"first":"2026-03-01T12:00:00Z",\
      "last":"2026-03-01T12:01:00Z","at":"2026-03-01T12:01:00Z","state":"PROVEN","round":1,\
      "granted":"2026-03-01T12:01:01Z","expires":"2026-03-08T12:01:01Z",\
      "proof":{"protocol":"","cipher":"","queueId":"4F6D0629C","at":"2026-03-01T12:02:00Z"},\
      "objections":[],"history":[{"to":"PROPOSED","at":"2026-03-01T12:01:00Z","why":"3"}]}');
      """;

  /** A ledger of that release; closed, and not in WAL mode. */
  private void makeOld(String... statements) throws Exception {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        var statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.executeUpdate(sql);
      }
    }
  }

  private Path copy() {
    return directory.resolve("ledger.db.schema-1");
  }

  /** What is in it, as text. */
  private static List<String> dump(Path file) throws Exception {
    List<String> rows = new ArrayList<>();
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        var statement = connection.createStatement()) {
      for (String table : List.of("fact", "strong", "failure", "waiver", "sqlite_master")) {
        try (var found = statement.executeQuery("SELECT * FROM " + table)) {
          while (found.next()) {
            rows.add(table + " " + found.getString(1) + " " + found.getString(2));
          }
        }
      }
    }
    return rows;
  }

  @Test
  void anOlderLedgerIsCopiedBeforeItIsRaised() throws Exception {
    makeOld(SCHEMA_1);
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));
    List<String> before = dump(file());
    List<String> logged = logOf(this::openAndClose);
    assertThat(dump(copy())).containsExactlyInAnyOrderElementsOf(before);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy())))
        .isEqualTo("rw-r-----");
    assertThat(logged)
        .singleElement()
        .asString()
        .contains("from schema 1 to ", copy().toString(), "systemctl stop tlswaiver; rm -f ");
    assertThat(logOf(this::openAndClose)).isEmpty();
  }

  @Test
  void whatIsStillInTheWriteAheadLogIsInTheCopy() throws Exception {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        var statement = connection.createStatement()) {
      statement.execute("PRAGMA journal_mode = WAL");
      statement.executeUpdate(SCHEMA_1);
      statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
      statement.executeUpdate("UPDATE fact SET value = 'place 42' WHERE name = 'cursor'");
      assertThat(Path.of(file() + "-wal")).isNotEmptyFile();
      Store.open(directory).close();
    }
    assertThat(dump(copy())).contains("fact cursor place 42");
  }

  @Test
  void aCopyOfThatSchemaStays() throws Exception {
    makeOld(SCHEMA_1);
    Files.writeString(copy(), "of last year");
    Store.open(directory).close();
    assertThat(copy()).hasContent("of last year");
  }

  @Test
  void whatAnInterruptedCopyLeftIsInNobodysWay() throws Exception {
    makeOld(SCHEMA_1);
    Files.writeString(Path.of(copy() + ".new"), "half of a led");
    Store.open(directory).close();
    assertThat(dump(copy())).contains("fact schema 1");
    assertThat(Path.of(copy() + ".new")).doesNotExist();
  }

  @Test
  void withoutACopyNothingIsRaised() throws Exception {
    makeOld(SCHEMA_1);
    List<String> before = dump(file());
    // Where a file can't be made, whoever asks.
    Files.createDirectories(Path.of(copy() + ".new").resolve("full"));
    assertThatThrownBy(() -> Store.open(directory))
        .isInstanceOfSatisfying(
            StoreException.class, failure -> assertThat(failure.isDamage()).isFalse())
        .hasMessageContainingAll(
            file().toString(), "of an earlier schema, and not raised", copy().toString());
    assertThat(dump(file())).isEqualTo(before);
  }

  @Test
  void anOldFileThatIsBrokenIsDamaged() throws Exception {
    makeOld(
        SCHEMA_1,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
            + " INSERT INTO failure SELECT '2026-03-02T' || i, '{\"text\":\"much of it\"}' FROM n");
    try (RandomAccessFile raw = new RandomAccessFile(file().toFile(), "rw")) {
      raw.seek(10 * 4_096);
      raw.write(new byte[20 * 4_096]);
    }
    assertThatThrownBy(() -> Store.open(directory))
        .isInstanceOfSatisfying(
            StoreException.class, failure -> assertThat(failure.isDamage()).isTrue());
    assertThat(copy()).doesNotExist();
  }

  @Test
  void aNewLedgerHasNoCopy() throws Exception {
    Store.open(directory).close();
    Store.open(directory).close();
    try (var files = Files.list(directory)) {
      assertThat(files).noneMatch(file -> file.toString().contains("schema"));
    }
  }

  /** As a release after this one would leave it: with a copy of what this one wrote. */
  private void raise() throws Exception {
    try (Store store = Store.open(directory)) {
      Batch batch = new Batch();
      batch.add(full());
      batch.moveTo("place 41");
      store.commit(batch);
    }
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        var statement = connection.createStatement()) {
      SchemaCopy.make(connection, file(), Store.SCHEMA);
      statement.executeUpdate("UPDATE fact SET value = '99' WHERE name = 'schema'");
      statement.executeUpdate("UPDATE fact SET value = 'place 99' WHERE name = 'cursor'");
      statement.executeUpdate("ALTER TABLE waiver RENAME TO allowance");
      for (String suffix : List.of("", "-wal")) {
        Files.copy(Path.of(file() + suffix), Path.of(directory.resolve("killed") + suffix));
      }
    }
  }

  /** As if that release had been killed: what it wrote is in the write-ahead log alone. */
  private void kill() throws Exception {
    for (String suffix : List.of("", "-wal")) {
      Files.copy(
          Path.of(directory.resolve("killed") + suffix),
          Path.of(file() + suffix),
          StandardCopyOption.REPLACE_EXISTING);
    }
    assertThat(Path.of(file() + "-wal")).isNotEmptyFile();
  }

  @Test
  void theReleaseBeforeChangesNothingInANewerLedger() throws Exception {
    raise();
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        var statement = connection.createStatement()) {
      statement.execute("PRAGMA journal_mode = DELETE");
    }
    byte[] before = Files.readAllBytes(file());
    assertThatThrownBy(() -> Store.open(directory)).hasMessageContaining("newer");
    assertThatThrownBy(() -> Store.openForReading(directory)).hasMessageContaining("newer");
    assertThat(Files.readAllBytes(file())).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theReleaseBeforeSaysHowToGoBackAndThatWorks(boolean wasKilled) throws Exception {
    raise();
    String said = String.valueOf(catchThrowable(() -> Store.open(directory)).getMessage());
    if (wasKilled) {
      kill();
    }
    assertThat(said).contains("schema 99", "upgrade this one, or go back to ");
    String commands =
        said.substring(
            said.indexOf("systemctl stop tlswaiver; ") + "systemctl stop tlswaiver; ".length(),
            said.lastIndexOf("; systemctl start tlswaiver"));
    Process shell = new ProcessBuilder("sh", "-c", commands).inheritIO().start();
    assertThat(shell.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(shell.exitValue()).isZero();
    try (Store store = Store.open(directory)) {
      store.verify();
      assertThat(store.waivers()).containsExactly(full());
      assertThat(store.cursor()).contains("place 41");
    }
  }

  @Test
  void aNewerLedgerWithoutACopySaysThatThereIsNone() throws Exception {
    raise();
    Files.delete(directory.resolve("ledger.db.schema-" + Store.SCHEMA));
    assertThatThrownBy(() -> Store.open(directory)).hasMessageContaining("there is no copy");
  }

  private Path openAndClose() throws Exception {
    Store.open(directory).close();
    return file();
  }

  /** What is logged meanwhile. */
  private static List<String> logOf(Callable<?> act) throws Exception {
    int before = HeldOutput.soFar().length();
    act.call();
    return HeldOutput.soFar().substring(before).lines().toList();
  }

  @Test
  void theFileOfTheFirstReleaseIsTakenOver() throws Exception {
    makeOld(SCHEMA_1);
    for (int opened = 0; opened < 2; opened++) {
      try (Store store = Store.open(directory)) {
        assertThat(store.cursor()).contains("place 41");
        assertThat(failuresSince(store, NOON)).containsExactly(failure(NOON));
        assertThat(seenSince(store, Memory.STRONG, NOON))
            .containsOnly(
                entry(store.hash().number("192.0.2.1"), NOON),
                entry(store.hash().number("modern.example"), NOON.plusSeconds(59)));
        Waiver waiver = store.waivers().get(0);
        assertThat(waiver.term())
            .contains(new Term(NOON.plusSeconds(61), NOON.plusSeconds(61 + 7 * 86_400)));
        assertThat(waiver.evidence().failures()).isEqualTo(3);
        assertThat(waiver.proof())
            .contains(
                new Proof(
                    Rung.LEGACY,
                    Optional.empty(),
                    Optional.empty(),
                    "4F6D0629C",
                    NOON.plusSeconds(120)));
      }
    }
  }

  private static final String SCHEMA_3 =
      """
      CREATE TABLE failure(at TEXT NOT NULL, document TEXT NOT NULL, pool INTEGER);
      CREATE TABLE seen(
        memory TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY(memory, number)) WITHOUT ROWID;
      CREATE TABLE fact(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      INSERT INTO fact VALUES('schema', '3');
      """;

  @Test
  void anOldStateDirectoryThatRemembersNobodyIsTakenOver() throws Exception {
    makeOld(SCHEMA_3);
    try (Store store = Store.open(directory)) {
      assertThat(store.hasOldNumbers()).isFalse();
    }
  }

  @Test
  void anOldStateDirectoryKeepsItsMemory() throws Exception {
    makeOld(
        SCHEMA_3,
        "INSERT INTO seen VALUES('strong', %d, %d)"
            .formatted(KeyedHash.oldNumber("modern.example"), NOON.getEpochSecond()));
    for (int opened = 0; opened < 2; opened++) {
      try (Store store = Store.open(directory)) {
        assertThat(store.hasOldNumbers()).isTrue();
        LastSeen strong = memory(store);
        assertThat(strong.find(new Pool("modern.example"))).contains(NOON);
        assertThat(strong.isHeld(new Pool("modern.example"))).isTrue();
        assertThat(strong.find(new Pool("other.example"))).isEmpty();
      }
    }
    try (Store store = Store.open(directory)) {
      store.prune(NOON.plusSeconds(1), NOON.plusSeconds(1), NOON);
      assertThat(store.hasOldNumbers()).isFalse();
    }
  }

  private static LastSeen memory(Store store) throws Exception {
    LastSeen strong =
        new LastSeen(100, Duration.ofDays(30), store.hash(), new Notes(), Memory.STRONG.label());
    if (store.hasOldNumbers()) {
      strong.knowOldNumbers();
    }
    store.seenSince(Memory.STRONG, Instant.EPOCH, strong::restore);
    return strong;
  }

  @Test
  void theKeyIsForItsOwnerAloneAndStaysTheSame() throws Exception {
    long number;
    try (Store store = Store.open(directory)) {
      number = store.hash().number("a.example");
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key())))
        .isEqualTo("rw-------");
    try (Store store = Store.open(directory)) {
      assertThat(store.hash().number("a.example")).isEqualTo(number);
    }
    try (Store store = Store.openForReading(directory).orElseThrow()) {
      assertThat(store.hash().number("a.example")).isEqualTo(number);
    }
  }

  private Path key() {
    return directory.resolve("memory.key");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLostKeyIsANewMemoryThatSaysSo(boolean isLost) throws Exception {
    try (Store store = Store.open(directory)) {
      Batch batch = new Batch();
      batch.remember(Memory.STRONG, seen(store.hash().number("modern.example"), NOON));
      store.commit(batch);
    }
    if (isLost) {
      Files.delete(key());
    } else {
      Files.write(key(), new byte[16]); // Another ledger's.
    }
    for (int opened = 0; opened < 2; opened++) {
      try (Store store = Store.open(directory)) {
        assertThat(seenSince(store, Memory.STRONG, Instant.EPOCH)).isEmpty();
        Map<String, String> lost = new TreeMap<>();
        store.eachNote("memory-incomplete", lost::put);
        assertThat(lost)
            .containsExactly(entry("strong", new LastSeen.Loss(NOON, NOON, 1, true).text()));
      }
    }
  }

  @Test
  void thoseThatAreHeldArePrunedLast() throws Exception {
    try (Store store = Store.open(directory)) {
      Batch batch = new Batch();
      batch.remember(Memory.MAIL, new LastSeen.Entry(1, NOON, NOON, true));
      for (int i = 2; i <= Store.MOST_SEEN + 1; i++) {
        batch.remember(Memory.MAIL, seen(i, NOON.plusSeconds(60)));
      }
      store.commit(batch);
      store.prune(NOON, NOON, NOON);
      assertThat(seenSince(store, Memory.MAIL, NOON)).containsKey(1L).hasSize(Store.MOST_SEEN);
    }
  }

  @Test
  void memoriesAreKeptApartAndTheLatestTimeWins() throws Exception {
    try (Store store = Store.open(directory)) {
      Batch batch = new Batch();
      batch.remember(Memory.STRONG, seen(-41L, NOON));
      batch.remember(Memory.MAIL, seen(-41L, NOON.plusSeconds(5)));
      store.commit(batch);
      Batch later = new Batch();
      later.remember(Memory.STRONG, seen(-41L, NOON.plusSeconds(60)));
      store.commit(later);
      assertThat(seenSince(store, Memory.STRONG, NOON))
          .containsExactly(entry(-41L, NOON.plusSeconds(60)));
      assertThat(seenSince(store, Memory.MAIL, NOON))
          .containsExactly(entry(-41L, NOON.plusSeconds(5)));
      assertThat(seenSince(store, Memory.MAIL, NOON.plusSeconds(6))).isEmpty();
    }
  }

  @Test
  void aFailureIsReadBackWithItsHello() throws Exception {
    Handshake plain = failure(NOON);
    Handshake dumped =
        new Handshake(
            plain.time(), plain.service(), plain.peer(), plain.outcome(), Optional.of(HELLO));
    Batch batch = new Batch();
    batch.addFailure(dumped, OLD);
    try (Store store = Store.open(directory)) {
      store.commit(batch);
      assertThat(failuresSince(store, NOON)).containsExactly(dumped);
    }
  }

  @Test
  void failuresComeBackInTheOrderOfTheirTimes() throws Exception {
    Batch batch = new Batch();
    // A fraction of a second is longer text, and must not come before the whole second.
    for (String at :
        List.of("2026-03-01T12:00:01Z", "2026-03-01T12:00:00.500Z", "2026-03-01T12:00:00Z")) {
      batch.addFailure(failure(Instant.parse(at)), OLD);
    }
    try (Store store = Store.open(directory)) {
      store.commit(batch);
      assertThat(failuresSince(store, NOON))
          .extracting(failure -> failure.time().orElseThrow())
          .isSorted()
          .hasSize(3);
      store.prune(NOON.plusMillis(200), NOON, NOON);
      assertThat(failuresSince(store, Instant.EPOCH)).hasSize(2);
    }
  }

  @Test
  void whatTheLedgerForgetsIsPrunedAndTheOperatorsWordIsNot() throws Exception {
    Batch batch = new Batch();
    Waiver full = full();
    for (long id = 1; id <= Ledger.MOST_ENDED + 10; id++) {
      List<Objection> objections =
          id == 3 ? List.of() : List.of(new Objection(GuardName.PROBE, "looks like a probe"));
      batch.add(
          new Waiver(
              id,
              full.pool(),
              full.addresses(),
              full.networks(),
              full.rung(),
              full.evidence(),
              full.at(),
              State.REFUSED,
              0,
              full.term(),
              full.attempt(),
              full.needs(),
              full.proof(),
              objections,
              full.history()));
    }
    try (Store store = Store.open(directory)) {
      store.commit(batch);
      store.prune(NOON, NOON, NOON);
      assertThat(store.waivers())
          .extracting(Waiver::id)
          .startsWith(3L, 11L)
          .hasSize(Ledger.MOST_ENDED + 1);
    }
  }
}
