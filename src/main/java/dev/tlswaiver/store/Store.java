package dev.tlswaiver.store;

import dev.tlswaiver.guard.KeyedHash;
import dev.tlswaiver.guard.LastSeen;
import dev.tlswaiver.guard.Memory;
import dev.tlswaiver.guard.Pause;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Observation.Neighbours;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Waiver;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.NativeLibraryNotFoundException;
import org.sqlite.SQLiteConfig;

/** The state directory's ledger file. Used by one thread of one process at a time. */
public final class Store implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Store.class);

  static final int SCHEMA = 4;

  /** Since then there are sights and notes. */
  private static final int SCHEMA_WITH_NOTES = 3;

  private static final String NAME = "ledger.db";
  private static final String PAUSED_UNTIL = "paused_until";
  private static final String PAUSED_WHY = "paused_why";

  /** What a day of a busy host under attack leaves; older ones are pruned first. */
  static final int MOST_FAILURES = 200_000;

  /** What is seen so long before a failure may still say something about it. */
  private static final Duration BESIDE = Duration.ofMinutes(10);

  /** As many as a memory holds. */
  static final int MOST_SEEN = 400_000;

  private static final String TABLES =
      """
      CREATE TABLE IF NOT EXISTS waiver(
        id INTEGER PRIMARY KEY, pool TEXT NOT NULL, rung TEXT NOT NULL, state TEXT NOT NULL,
        document TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS failure(
        at TEXT NOT NULL, document TEXT NOT NULL, pool INTEGER);
      CREATE INDEX IF NOT EXISTS failure_at ON failure(at);
      CREATE TABLE IF NOT EXISTS sight(
        at TEXT NOT NULL, document TEXT NOT NULL, pool INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS sight_at ON sight(at);
      CREATE TABLE IF NOT EXISTS note(
        whose TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY(whose, key)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS seen(
        memory TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL,
        first INTEGER NOT NULL, held INTEGER NOT NULL,
        PRIMARY KEY(memory, number)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS fact(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      """;

  /** Waivers that the ledger has forgotten too; what the operator refused has no objections. */
  private static final String FORGET =
      """
      WITH ended AS (
        SELECT id FROM waiver WHERE state IN (?, ?, ?)
          AND (state <> 'REFUSED' OR json_array_length(document, '$.objections') > 0))
      DELETE FROM waiver WHERE id IN (
        SELECT id FROM ended ORDER BY id DESC LIMIT -1 OFFSET CAST(? AS INTEGER))
      """;

  /** What DNS said is asked for no more than once a day, and of use to whoever replays a month. */
  private static final String IS_LOOKUP = "json_extract(document, '$.block') IS NOT NULL";

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final String REMEMBER =
      "INSERT OR REPLACE INTO seen(memory, number, at, first, held) VALUES(?, ?, ?, ?, ?)";

  /** The key's own number: a ledger knows its key, and another one's not. */
  private static final String KEY = "memory_key";

  /** When the last of what has numbers without a key was seen. */
  private static final String OLD_NUMBERS = "old_numbers";

  private final Path file;
  private final Connection connection;

  /** Empty where a ledger is read by somebody who may not read its key. */
  private Optional<KeyedHash> hash;

  private int schema;

  /** The few that write; they are closed with their connection. */
  private final Map<String, PreparedStatement> statements = new HashMap<>();

  private Store(Path file, Connection connection, Optional<KeyedHash> hash) {
    this.file = file;
    this.connection = connection;
    this.hash = hash;
  }

  /**
   * Opens the ledger of a state directory, and makes it where there is none. One of an earlier
   * release is copied before it is changed, and the log says how to go back.
   *
   * @throws StoreException if it can't be opened or copied, or was written by a newer release; then
   *     it is unchanged
   */
  public static Store open(Path stateDirectory) throws IOException {
    Files.createDirectories(stateDirectory);
    removeOldLibraries(stateDirectory);
    Path file = file(stateDirectory);
    return prepared(
        file,
        connect(file, file.toString(), stateDirectory, false),
        MemoryKey.find(stateDirectory),
        () -> MemoryKey.make(stateDirectory));
  }

  /** Makes a key where there is none. */
  private interface KeyMaker {
    KeyedHash make() throws IOException;
  }

  /** The driver's library that a killed process left. One in use does not mind. */
  private static void removeOldLibraries(Path stateDirectory) throws IOException {
    Instant hourAgo = Instant.now().minus(Duration.ofHours(1));
    try (DirectoryStream<Path> libraries =
        Files.newDirectoryStream(stateDirectory, "sqlite-*-libsqlitejdbc.so*")) {
      for (Path library : libraries) {
        try {
          if (Files.getLastModifiedTime(library).toInstant().isBefore(hourAgo)) {
            Files.deleteIfExists(library);
          }
        } catch (NoSuchFileException gone) {
          // Another command has just ended, and took its own away.
        }
      }
    }
  }

  /** A ledger that is forgotten when it is closed. */
  public static Store inMemory() throws IOException {
    Path file = Path.of("memory");
    return prepared(
        file,
        connect(file, ":memory:", unpackDirectory(file), false),
        Optional.empty(),
        MemoryKey::forThisRun);
  }

  private static Store prepared(
      Path file, Connection connection, Optional<KeyedHash> key, KeyMaker maker)
      throws IOException {
    Store store = new Store(file, connection, key);
    try {
      store.prepare(maker);
      return store;
    } catch (SQLException | RuntimeException failure) {
      closeQuietly(connection);
      throw new StoreException(file, "open", failure);
    } catch (IOException refused) {
      closeQuietly(connection);
      throw refused;
    }
  }

  /**
   * Opens the ledger as it was left, by a user who need not be able to write there. Nothing is made
   * or changed.
   *
   * @return empty where there is no ledger
   * @throws StoreException if this user may not read it
   */
  public static Optional<Store> openForReading(Path stateDirectory) throws IOException {
    Path file = file(stateDirectory);
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    // Whoever opens a pipe to read waits.
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new StoreException(
          file, "can't be read by this user: run as root, or as a member of the file's group");
    }
    // Without a write-ahead log nobody is writing, and SQLite need not make files to find that out.
    Path writeAhead = Path.of(file + "-wal");
    boolean isStill = Files.notExists(writeAhead) || Files.size(writeAhead) == 0;
    String name = "file:" + file.toUri().getRawPath() + (isStill ? "?immutable=1" : "?mode=ro");
    Connection connection =
        connect(
            file,
            name,
            Files.isWritable(stateDirectory) ? stateDirectory : unpackDirectory(file),
            true);
    Store store = new Store(file, connection, MemoryKey.find(stateDirectory));
    try {
      connection.setAutoCommit(false);
      store.findSchema();
      if (store.hash.isPresent() && !store.isKeyOf(store.hash.get())) {
        store.hash = Optional.empty();
      }
      return Optional.of(store);
    } catch (SQLException | RuntimeException failure) {
      closeQuietly(connection);
      throw new StoreException(file, "open", failure);
    } catch (StoreException refused) {
      closeQuietly(connection);
      throw refused;
    }
  }

  private static Path file(Path stateDirectory) {
    return stateDirectory.toAbsolutePath().resolve(NAME);
  }

  /** A place that this user can write to, for the driver's native library. */
  private static Path unpackDirectory(Path file) throws StoreException {
    return Stream.of(System.getProperty("java.io.tmpdir"), System.getenv("XDG_RUNTIME_DIR"))
        .filter(Objects::nonNull)
        .map(Path::of)
        .filter(Files::isWritable)
        .findFirst()
        .orElseThrow(
            () ->
                new StoreException(
                    file,
                    "SQLite's library needs a directory that this user can write to: name one with"
                        + " JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=DIRECTORY"));
  }

  private static Connection connect(
      Path file, String name, Path libraryDirectory, boolean isReadOnly) throws StoreException {
    // The driver unpacks its native library; a sandboxed service may have no other writable place.
    System.setProperty("org.sqlite.tmpdir", libraryDirectory.toString());
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(isReadOnly);
    config.setBusyTimeout(5_000);
    try {
      return DriverManager.getConnection("jdbc:sqlite:" + name, config.toProperties());
    } catch (SQLException failure) {
      if (failure.getCause() instanceof NativeLibraryNotFoundException) {
        throw new StoreException(
            file,
            "SQLite's library can't be loaded from "
                + libraryDirectory
                + "; a file system that is mounted noexec does not allow it, and there must be one"
                + " for this processor in the jar");
      }
      throw new StoreException(file, "open", failure);
    }
  }

  /**
   * Loads the driver, and its native library, which it unpacks there, before a ledger is opened.
   */
  public static void loadDriver(Path libraryDirectory) throws IOException {
    closeQuietly(connect(Path.of("memory"), ":memory:", libraryDirectory, false));
  }

  private static void closeQuietly(Connection connection) {
    try {
      connection.close();
    } catch (SQLException failure) {
      // The reason why it was to be closed is the one to be told.
      return;
    }
  }

  private void prepare(KeyMaker maker) throws SQLException, IOException {
    findSchema();
    Optional<SchemaCopy> copy =
        schema > 0 && schema < SCHEMA
            ? Optional.of(SchemaCopy.make(connection, file, schema))
            : Optional.empty();
    try (Statement statement = connection.createStatement()) {
      // A commit is on the disk when it returns; readers are not blocked meanwhile.
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute("PRAGMA synchronous = FULL");
      statement.executeUpdate(TABLES);
    }
    connection.setAutoCommit(false);
    KeyedHash known = hash.isPresent() ? hash.get() : maker.make();
    hash = Optional.of(known);
    if (schema == SCHEMA && !isKeyOf(known)) {
      forgetWhatHasNoKey();
    }
    if (schema == 1) {
      seenByNumber(known);
    }
    if (schema == 1 || schema == 2) {
      execute("ALTER TABLE failure ADD COLUMN pool INTEGER");
    }
    if (schema == 2 || schema == 3) {
      numberAnew(known);
    }
    if (schema < SCHEMA) {
      setFact("schema", Integer.toString(SCHEMA));
      schema = SCHEMA;
    }
    if (!isKeyOf(known)) {
      setFact(KEY, Long.toString(known.number(KEY)));
    }
    connection.commit();
    if (copy.isPresent()) {
      LOG.info(
          "{} was raised from schema {} to {}. As it was it stays in {}",
          file,
          copy.get().schema(),
          SCHEMA,
          copy.get().words());
    }
  }

  /** Learns which release wrote the file, and changes nothing. */
  private void findSchema() throws SQLException, StoreException {
    boolean isWritten =
        !read("SELECT 1 FROM sqlite_master WHERE name = 'fact'", row -> row.getInt(1)).isEmpty();
    schema = isWritten ? fact("schema").map(Integer::parseInt).orElse(0) : 0;
    if (schema > SCHEMA) {
      Optional<SchemaCopy> copy = SchemaCopy.find(file, SCHEMA);
      throw new StoreException(
          file,
          "written by a newer tlswaiver (schema "
              + schema
              + ", this one reads up to "
              + SCHEMA
              + "); upgrade this one"
              + (copy.isPresent()
                  ? ", or go back to " + copy.get().words()
                  : "; there is no copy of an earlier one beside it"));
    }
  }

  /**
   * Reads everything once.
   *
   * @throws StoreException if anything can't be read; whether the file is damaged it tells
   */
  public void verify() throws StoreException {
    List<String> findings = read("PRAGMA quick_check(1)", row -> row.getString(1));
    if (!findings.equals(List.of("ok"))) {
      throw StoreException.ofDamage(file, String.join("; ", findings));
    }
    waivers();
    readEach("SELECT at, document FROM failure", Store::failure);
    readEach("SELECT at, document FROM sight", Store::sight);
    readEach("SELECT whose, key, value FROM note", row -> row.getString(1));
    readEach("SELECT memory, number, at FROM seen", row -> row.getLong(2) + row.getLong(3));
    cursor();
    try {
      totals();
      clock();
      pause();
    } catch (RuntimeException unreadable) {
      throw new StoreException(file, "read", unreadable);
    }
  }

  /** Schema 1 kept the texts of who met the strict terms. */
  private void seenByNumber(KeyedHash key) throws SQLException, StoreException {
    for (Map.Entry<String, Instant> strong :
        read(
            "SELECT who, at FROM strong",
            row -> Map.entry(row.getString(1), Instant.parse(row.getString(2))))) {
      remember(
          Memory.STRONG,
          new LastSeen.Entry(
              key.number(strong.getKey()), strong.getValue(), strong.getValue(), true));
    }
    execute("DROP TABLE strong");
  }

  /**
   * Schemas 2 and 3 had numbers without a key, and only the time of the last sight. All of them are
   * held: they came before whoever comes after an upgrade, and are gone in a month.
   */
  private void numberAnew(KeyedHash key) throws SQLException, StoreException {
    execute("ALTER TABLE seen RENAME TO old_seen");
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(TABLES);
    }
    readEach(
        "SELECT memory, number, at FROM old_seen",
        row -> {
          execute(
              REMEMBER,
              row.getString(1),
              Long.toString(key.numberOfOld(row.getLong(2))),
              row.getString(3),
              row.getString(3),
              "1");
          return row;
        });
    execute(
        "INSERT INTO fact(name, value)"
            + " SELECT 'old_numbers', at FROM old_seen ORDER BY at DESC LIMIT 1");
    execute("DROP TABLE old_seen");
  }

  /** Whether what is remembered was numbered with this key. */
  private boolean isKeyOf(KeyedHash key) throws SQLException {
    return fact(KEY).filter(Long.toString(key.number(KEY))::equals).isPresent();
  }

  /** The key is lost: what is remembered can't be found any more, and that is noted. */
  private void forgetWhatHasNoKey() throws SQLException, StoreException {
    for (Memory memory : Memory.values()) {
      List<LastSeen.Loss> losses =
          read(
              "SELECT max(at), count(*) FROM seen WHERE memory = ? GROUP BY memory",
              row -> {
                Instant latest = Instant.ofEpochSecond(row.getLong(1));
                return new LastSeen.Loss(latest, latest, row.getLong(2), true);
              },
              memory.label());
      for (LastSeen.Loss loss : losses) {
        LastSeen.Loss all =
            read(
                    "SELECT value FROM note WHERE whose = ? AND key = ?",
                    row -> LastSeen.Loss.ofText(row.getString(1)),
                    GuardName.MEMORY_INCOMPLETE.label(),
                    memory.label())
                .stream()
                .reduce(loss, LastSeen.Loss::and);
        note(GuardName.MEMORY_INCOMPLETE.label(), memory.label(), all.text());
      }
    }
    execute("DELETE FROM seen");
    execute("DELETE FROM fact WHERE name = ?", OLD_NUMBERS);
  }

  /** What numbers the texts that are remembered; this run's own where the key can't be read. */
  public KeyedHash hash() {
    return hash.orElseGet(MemoryKey::forThisRun);
  }

  /** All waivers, the oldest first. */
  public List<Waiver> waivers() throws StoreException {
    return read(
        "SELECT id, document FROM waiver ORDER BY id",
        row -> Documents.readWaiver(row.getLong(1), row.getString(2)));
  }

  /**
   * Hands out one by one those whose document holds this text somewhere, a name or an address.
   *
   * @param text empty for all
   */
  public void eachFailure(Instant start, String text, Consumer<Handshake> reader)
      throws StoreException {
    readEach(
        "SELECT at, document FROM failure WHERE at >= ?1 AND (?2 = '' OR instr(document, ?2) > 0)"
            + " ORDER BY at, rowid",
        row -> {
          reader.accept(failure(row));
          return row;
        },
        text(start),
        text);
  }

  /** Hands out one by one the failures and what else was seen, in the order of their times. */
  public void eachSightSince(Instant start, Consumer<Observation> reader) throws StoreException {
    String failures = "SELECT at, document, 1 AS kind, rowid AS place FROM failure WHERE at >= ?1";
    String others = "SELECT at, document, 2 AS kind, rowid AS place FROM sight WHERE at >= ?1";
    // Opened for reading only, it may be as the release before left it.
    String all = schema < SCHEMA_WITH_NOTES ? failures : failures + " UNION ALL " + others;
    readEach(
        all + " ORDER BY at, kind, place",
        row -> {
          reader.accept(sight(row));
          return row;
        },
        text(start));
  }

  /** Hands out one by one what DNS said of neighbours, in the order of the times. */
  public void eachLookup(Consumer<Neighbours> reader) throws StoreException {
    if (schema < SCHEMA) {
      return; // Opened for reading only, as the release before left it.
    }
    readEach(
        "SELECT at, document FROM sight WHERE " + IS_LOOKUP + " ORDER BY at, rowid",
        row -> {
          reader.accept(
              Documents.readNeighbours(Instant.parse(row.getString(1)), row.getString(2)));
          return row;
        });
  }

  private static Observation sight(ResultSet row) throws SQLException {
    return Documents.readSight(Instant.parse(row.getString(1)), row.getString(2));
  }

  /** Hands out what somebody noted, by its keys. */
  public void eachNote(String whose, BiConsumer<String, String> reader) throws StoreException {
    if (schema < SCHEMA_WITH_NOTES) {
      return; // Opened for reading only, as the release before left it.
    }
    readEach(
        "SELECT key, value FROM note WHERE whose = ? ORDER BY key",
        row -> {
          reader.accept(row.getString(1), row.getString(2));
          return row;
        },
        whose);
  }

  private static Handshake failure(ResultSet row) throws SQLException {
    return Documents.readFailure(Instant.parse(row.getString(1)), row.getString(2));
  }

  /** Hands out what is remembered since then; it may be much. */
  public void seenSince(Memory memory, Instant start, Consumer<LastSeen.Entry> take)
      throws StoreException {
    if (schema < SCHEMA || hash.isEmpty()) {
      return; // Opened for reading only, as the release before left it, or without its key.
    }
    readEach(
        "SELECT number, at, first, held FROM seen WHERE memory = ? AND at >= CAST(? AS INTEGER)",
        row -> {
          take.accept(
              new LastSeen.Entry(
                  row.getLong(1),
                  Instant.ofEpochSecond(row.getLong(3)),
                  Instant.ofEpochSecond(row.getLong(2)),
                  row.getInt(4) != 0));
          return row;
        },
        memory.label(),
        Long.toString(start.getEpochSecond()));
  }

  /** Whether some of what is remembered has the numbers of a release before this one. */
  public boolean hasOldNumbers() throws StoreException {
    return readFact(OLD_NUMBERS).isPresent();
  }

  /** Where reading goes on. */
  public Optional<String> cursor() throws StoreException {
    return readFact("cursor");
  }

  /** When something was written last, by the clock of that time. */
  public Optional<Instant> clock() throws StoreException {
    return readFact("clock").map(Instant::parse);
  }

  public Totals totals() throws StoreException {
    return new Totals(
        readFact("handshakes").map(Long::parseLong).orElse(0L),
        readFact("failed").map(Long::parseLong).orElse(0L),
        readFact("since").map(Instant::parse));
  }

  /** The operator's pause, if it has one, whether it is over or not. */
  public Optional<Pause> pause() throws StoreException {
    Optional<Instant> until = readFact(PAUSED_UNTIL).map(Instant::parse);
    Optional<String> why = readFact(PAUSED_WHY);
    return until.map(end -> new Pause(end, why.orElse("")));
  }

  /** Writes the operator's pause down, or that there is none any more. */
  public void setPause(Optional<Pause> pause) throws StoreException {
    try {
      execute("DELETE FROM fact WHERE name IN (?, ?)", PAUSED_UNTIL, PAUSED_WHY);
      if (pause.isPresent()) {
        setFact(PAUSED_UNTIL, pause.get().until().toString());
        setFact(PAUSED_WHY, pause.get().why());
      }
      connection.commit();
    } catch (SQLException failure) {
      rollBack();
      throw new StoreException(file, "write", failure);
    }
  }

  /** Writes all of the batch, or nothing of it. */
  public void commit(Batch batch) throws StoreException {
    try {
      write(batch);
      connection.commit();
    } catch (SQLException failure) {
      rollBack();
      throw new StoreException(file, "write", failure);
    }
  }

  private void write(Batch batch) throws SQLException {
    for (Waiver waiver : batch.waivers.values()) {
      execute(
          "INSERT OR REPLACE INTO waiver(id, pool, rung, state, document) VALUES(?, ?, ?, ?, ?)",
          Long.toString(waiver.id()),
          waiver.pool().id(),
          waiver.rung().label(),
          waiver.state().name(),
          Documents.write(waiver));
    }
    for (Batch.Failure failure : batch.failures) {
      Handshake handshake = failure.handshake();
      if (handshake.outcome() instanceof Failed failed && handshake.time().isPresent()) {
        execute(
            "INSERT INTO failure(at, document, pool) VALUES(?, ?, CAST(? AS INTEGER))",
            text(handshake.time().get()),
            Documents.write(handshake, failed),
            Long.toString(hash().number(failure.pool().id())));
      }
    }
    for (Batch.Sight sight : batch.sights) {
      if (sight.observation().time().isPresent()) {
        execute(
            "INSERT INTO sight(at, document, pool) VALUES(?, ?, CAST(? AS INTEGER))",
            text(sight.observation().time().get()),
            Documents.write(sight.observation()),
            Long.toString(hash().number(sight.pool().id())));
      }
    }
    for (Batch.Note note : batch.notes) {
      if (note.value().isPresent()) {
        note(note.whose(), note.key(), note.value().get());
      } else {
        execute("DELETE FROM note WHERE whose = ? AND key = ?", note.whose(), note.key());
      }
    }
    for (Map.Entry<Memory, Map<Long, LastSeen.Entry>> kind : batch.seen.entrySet()) {
      for (LastSeen.Entry entry : kind.getValue().values()) {
        remember(kind.getKey(), entry);
      }
    }
    if (batch.cursor.isPresent()) {
      setFact("cursor", batch.cursor.get());
    }
    if (batch.clock.isPresent()) {
      setFact("clock", batch.clock.get().toString());
    }
    if (batch.totals.isPresent()) {
      Totals totals = batch.totals.get();
      setFact("handshakes", Long.toString(totals.handshakes()));
      setFact("failed", Long.toString(totals.failed()));
      if (totals.since().isPresent()) {
        setFact("since", totals.since().get().toString());
      }
    }
  }

  private void note(String whose, String key, String value) throws SQLException {
    execute("INSERT OR REPLACE INTO note(whose, key, value) VALUES(?, ?, ?)", whose, key, value);
  }

  private void remember(Memory memory, LastSeen.Entry entry) throws SQLException {
    execute(
        REMEMBER,
        memory.label(),
        Long.toString(entry.number()),
        Long.toString(entry.last().getEpochSecond()),
        Long.toString(entry.first().getEpochSecond()),
        entry.isHeld() ? "1" : "0");
  }

  /**
   * Forgets evidence that no window and no memory reaches any more, the successes of pools that do
   * not fail, and the oldest of what is more than {@value #MOST_FAILURES} failures and {@value
   * #MOST_SEEN} of each memory, those that are held last.
   */
  public void prune(Instant oldestFailure, Instant oldestSeen, Instant now) throws StoreException {
    try {
      execute("DELETE FROM failure WHERE at < ?", text(oldestFailure));
      execute("DELETE FROM sight WHERE at < ? AND NOT " + IS_LOOKUP, text(oldestFailure));
      execute("DELETE FROM sight WHERE at < ?", text(oldestSeen));
      execute(
          "DELETE FROM sight WHERE at < ? AND json_extract(document, '$.protocol') IS NOT NULL"
              + " AND pool NOT IN (SELECT pool FROM failure WHERE pool IS NOT NULL)",
          text(now.minus(BESIDE)));
      execute("DELETE FROM seen WHERE at < ?", Long.toString(oldestSeen.getEpochSecond()));
      execute(
          "DELETE FROM fact WHERE name = ? AND CAST(value AS INTEGER) < CAST(? AS INTEGER)",
          OLD_NUMBERS,
          Long.toString(oldestSeen.getEpochSecond()));
      execute(
          "DELETE FROM failure WHERE rowid IN"
              + " (SELECT rowid FROM failure ORDER BY at DESC, rowid DESC LIMIT -1 OFFSET "
              + MOST_FAILURES
              + ")");
      execute(
          "DELETE FROM sight WHERE rowid IN"
              + " (SELECT rowid FROM sight ORDER BY at DESC, rowid DESC LIMIT -1 OFFSET "
              + MOST_FAILURES
              + ")");
      for (Memory memory : Memory.values()) {
        execute(
            "DELETE FROM seen WHERE memory = ?1 AND number IN"
                + " (SELECT number FROM seen WHERE memory = ?1"
                + " ORDER BY held DESC, at DESC LIMIT -1 OFFSET "
                + MOST_SEEN
                + ")",
            memory.label());
      }
      execute(FORGET, "REFUSED", "REFUSED", "REFUSED", Integer.toString(Ledger.MOST_ENDED));
      execute(FORGET, "FAILED", "INEFFECTIVE", "EXPIRED", Integer.toString(Ledger.MOST_ENDED));
      connection.commit();
    } catch (SQLException failure) {
      rollBack();
      throw new StoreException(file, "prune", failure);
    }
  }

  /** A time as text of one length, so that texts are in the order of the times. */
  private static String text(Instant time) {
    return TIME.format(time);
  }

  private void rollBack() throws StoreException {
    try {
      connection.rollback();
    } catch (SQLException done) {
      beginAnew();
    }
  }

  /** SQLite has rolled back by itself, as it does when the disk is full; the driver did not see. */
  private void beginAnew() throws StoreException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("BEGIN");
    } catch (SQLException failure) {
      throw new StoreException(file, "roll back", failure);
    }
  }

  private void execute(String sql, String... values) throws SQLException {
    PreparedStatement statement = statements.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      statements.put(sql, statement);
    }
    for (int i = 0; i < values.length; i++) {
      statement.setString(i + 1, values[i]);
    }
    statement.executeUpdate();
  }

  private void setFact(String name, String value) throws SQLException {
    execute("INSERT OR REPLACE INTO fact(name, value) VALUES(?, ?)", name, value);
  }

  private Optional<String> readFact(String name) throws StoreException {
    try {
      return fact(name);
    } catch (SQLException failure) {
      throw new StoreException(file, "read", failure);
    }
  }

  private Optional<String> fact(String name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT value FROM fact WHERE name = ?")) {
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
      }
    }
  }

  @FunctionalInterface
  private interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  private <T> List<T> read(String sql, RowReader<T> reader, String... values)
      throws StoreException {
    List<T> rows = new ArrayList<>();
    readEach(sql, row -> rows.add(reader.read(row)), values);
    return rows;
  }

  /** Reads row by row, and keeps none. */
  private void readEach(String sql, RowReader<?> reader, String... values) throws StoreException {
    try (PreparedStatement statement = prepared(sql, values);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        reader.read(rows);
      }
    } catch (SQLException | RuntimeException failure) {
      throw new StoreException(file, "read", failure);
    }
  }

  private PreparedStatement prepared(String sql, String... values) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setString(i + 1, values[i]);
    }
    return statement;
  }

  @Override
  public void close() throws StoreException {
    try {
      connection.close();
    } catch (SQLException failure) {
      throw new StoreException(file, "close", failure);
    }
  }
}
