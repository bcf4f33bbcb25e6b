package dev.tlswaiver.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * A ledger that could not be read and was set aside, until the operator has said that he knows.
 *
 * <p>A note beside the ledger, {@code ledger.damaged}, says so. It is on the disk before the file
 * is moved: an agent that is killed in between finds the damage again, and one that is killed
 * afterwards finds the note.
 *
 * @param at when it was set aside
 * @param aside where it is now
 */
public record DamagedLedger(Instant at, Path aside) {
  private static final String LEDGER = "ledger.db";
  private static final String NOTE = "ledger.damaged";
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  /** Moves the ledger of the state directory, with what belongs to it, out of the way. */
  public static DamagedLedger setAside(Path stateDirectory, Instant now) throws IOException {
    Instant second = now.truncatedTo(ChronoUnit.SECONDS);
    Path aside = stateDirectory.resolve("ledger.damaged-" + STAMP.format(second) + ".db");
    write(stateDirectory, second + "\n" + aside.getFileName() + "\n");
    for (String suffix : List.of("-wal", "-shm", "")) {
      Path file = stateDirectory.resolve(LEDGER + suffix);
      if (Files.exists(file)) {
        Files.move(file, Path.of(aside + suffix), StandardCopyOption.ATOMIC_MOVE);
      }
    }
    return new DamagedLedger(second, aside);
  }

  private static void write(Path stateDirectory, String text) throws IOException {
    Path next = stateDirectory.resolve(NOTE + ".new");
    Files.writeString(next, text);
    try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(
        next,
        stateDirectory.resolve(NOTE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel directory = FileChannel.open(stateDirectory)) {
      directory.force(true);
    }
  }

  /** The note about one, if the operator has not taken it away. */
  public static Optional<DamagedLedger> find(Path stateDirectory) throws IOException {
    Path note = stateDirectory.resolve(NOTE);
    if (!Files.isRegularFile(note) || !Files.isReadable(note)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(note);
    try {
      return Optional.of(
          new DamagedLedger(Instant.parse(lines.get(0)), stateDirectory.resolve(lines.get(1))));
    } catch (RuntimeException unreadable) {
      // Whatever is written there: somebody meant that the agent must be careful.
      return Optional.of(
          new DamagedLedger(Files.getLastModifiedTime(note).toInstant(), stateDirectory));
    }
  }

  /** The operator knows: takes the note away. */
  public static void forget(Path stateDirectory) throws IOException {
    Files.deleteIfExists(stateDirectory.resolve(NOTE));
  }

  /** The whole in one sentence. */
  public String words() {
    return "the ledger was damaged and was set aside at "
        + at
        + " as "
        + aside
        + ": nothing is changed, as in mode observe, until tlswaiver resume";
  }
}
