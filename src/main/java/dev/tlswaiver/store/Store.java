package dev.tlswaiver.store;

import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.waiver.Waiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The state directory's ledger file. Used by one thread of one process at a time. */
public final class Store implements AutoCloseable {
  private static final int SCHEMA = 1;

  private static final String TABLES =
      """
      CREATE TABLE IF NOT EXISTS waiver(
        id INTEGER PRIMARY KEY, pool TEXT NOT NULL, rung TEXT NOT NULL, state TEXT NOT NULL,
        document TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS failure(at TEXT NOT NULL, document TEXT NOT NULL);
      CREATE INDEX IF NOT EXISTS failure_at ON failure(at);
      CREATE TABLE IF NOT EXISTS strong(who TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS fact(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      """;

  private final Path file;
  private final Connection connection;

  /** The few that write; they are closed with their connection. */
  private final Map<String, PreparedStatement> statements = new HashMap<>();

  private Store(Path file, Connection connection) {
    this.file = file;
    this.connection = connection;
  }

  /**
   * Opens the ledger of a state directory, and makes it where there is none.
   *
   * @throws StoreException if it can't be opened, or was written by a newer release
   */
  public static Store open(Path stateDirectory) throws IOException {
    Files.createDirectories(stateDirectory);
    Path file = stateDirectory.resolve("ledger.db");
    return connect(file, file.toString(), stateDirectory);
  }

  /** A ledger that is forgotten when it is closed. */
  public static Store inMemory() throws IOException {
    return connect(Path.of("memory"), ":memory:", Path.of(System.getProperty("java.io.tmpdir")));
  }

  private static Store connect(Path file, String name, Path libraryDirectory) throws IOException {
    // The driver unpacks its native library; a sandboxed service may have no other writable place.
    System.setProperty("org.sqlite.tmpdir", libraryDirectory.toString());
    try {
      Store store = new Store(file, DriverManager.getConnection("jdbc:sqlite:" + name));
      store.prepare();
      return store;
    } catch (SQLException failure) {
      throw new StoreException(file, "open", failure);
    }
  }

  private void prepare() throws SQLException, StoreException {
    try (Statement statement = connection.createStatement()) {
      // A commit is on the disk when it returns; readers are not blocked meanwhile.
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute("PRAGMA synchronous = FULL");
      statement.execute("PRAGMA busy_timeout = 5000");
      statement.executeUpdate(TABLES);
    }
    connection.setAutoCommit(false);
    int schema = fact("schema").map(Integer::parseInt).orElse(0);
    if (schema > SCHEMA) {
      throw new StoreException(
          file, "written by a newer tlswaiver (schema " + schema + "); upgrade this one");
    }
    if (schema < SCHEMA) {
      setFact("schema", Integer.toString(SCHEMA));
    }
    connection.commit();
  }

  /** All waivers, the oldest first. */
  public List<Waiver> waivers() throws StoreException {
    return read(
        "SELECT id, document FROM waiver ORDER BY id",
        row -> Documents.readWaiver(row.getLong(1), row.getString(2)));
  }

  /** Hands out the failed handshakes since then, in the order of their times; they may be many. */
  public void failuresSince(Instant start, Consumer<Handshake> take) throws StoreException {
    read(
        "SELECT at, document FROM failure WHERE at >= '" + start + "' ORDER BY at, rowid",
        row -> Documents.readFailure(Instant.parse(row.getString(1)), row.getString(2)),
        take);
  }

  /** Hands out who met the strict terms since then, the longest ago first; they may be many. */
  public void strongSince(Instant start, BiConsumer<String, Instant> take) throws StoreException {
    read(
        "SELECT who, at FROM strong WHERE at >= '" + start + "' ORDER BY at",
        row -> Map.entry(row.getString(1), Instant.parse(row.getString(2))),
        entry -> take.accept(entry.getKey(), entry.getValue()));
  }

  /** Where reading goes on. */
  public Optional<String> cursor() throws StoreException {
    return readFact("cursor");
  }

  public Totals totals() throws StoreException {
    return new Totals(
        readFact("handshakes").map(Long::parseLong).orElse(0L),
        readFact("failed").map(Long::parseLong).orElse(0L),
        readFact("since").map(Instant::parse));
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
    for (Handshake failure : batch.failures) {
      if (failure.outcome() instanceof Failed failed && failure.time().isPresent()) {
        execute(
            "INSERT INTO failure(at, document) VALUES(?, ?)",
            failure.time().get().toString(),
            Documents.write(failure, failed));
      }
    }
    for (Map.Entry<String, Instant> entry : batch.strong.entrySet()) {
      execute(
          "INSERT OR REPLACE INTO strong(who, at) VALUES(?, ?)",
          entry.getKey(),
          entry.getValue().toString());
    }
    if (batch.cursor.isPresent()) {
      setFact("cursor", batch.cursor.get());
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

  /** Forgets evidence that no window and no memory reaches any more. */
  public void prune(Instant oldestFailure, Instant oldestStrong) throws StoreException {
    try {
      execute("DELETE FROM failure WHERE at < ?", oldestFailure.toString());
      execute("DELETE FROM strong WHERE at < ?", oldestStrong.toString());
      connection.commit();
    } catch (SQLException failure) {
      rollBack();
      throw new StoreException(file, "prune", failure);
    }
  }

  private void rollBack() throws StoreException {
    try {
      connection.rollback();
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

  private <T> List<T> read(String sql, RowReader<T> reader) throws StoreException {
    List<T> values = new ArrayList<>();
    read(sql, reader, values::add);
    return values;
  }

  private <T> void read(String sql, RowReader<T> reader, Consumer<T> take) throws StoreException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        take.accept(reader.read(rows));
      }
    } catch (SQLException | RuntimeException failure) {
      throw new StoreException(file, "read (is the file damaged?)", failure);
    }
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
