package dev.tlswaiver.source;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lines of a log whose files come and go, as one endless stream. Used by one thread.
 *
 * <p>A file that was renamed stays open for a while: the logger writes to it until it is told to
 * open the new one. The cursor holds its place too, so that a kill in that while loses nothing.
 */
final class RotatingFile implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(RotatingFile.class);
  private static final Duration DRAIN = Duration.ofSeconds(60);

  /** Who rewrites a file and has come to a halt for so long has written it. */
  private static final Duration REWRITE = Duration.ofSeconds(5);

  /** Nor is longer waited where it grows and grows: that may be the logger. */
  private static final Duration LONG_REWRITE = Duration.ofSeconds(60);

  private static final int MOST_KNOWN = 200;

  /** The place in a log that is not there yet. */
  private static final Cursor BEGINNING = new Cursor("beginning");

  /** A renamed file, read until then. */
  private record Draining(OpenFile file, Instant until) {}

  /**
   * What is looked for in a file before it is read from its beginning.
   *
   * @param lines those read last from the file before
   * @param mark where they ended there
   * @param gap what is told if they are not found
   */
  private record Former(RecentLines lines, FileMark mark, Optional<Gap> gap) {}

  private final Path path;
  private final LogListener listener;
  private final InstantSource clock;

  private final Deque<Path> older = new ArrayDeque<>();

  /** Files that were read, or were there before: what begins like one of them is a copy of it. */
  private final Deque<FileMark> known = new ArrayDeque<>();

  private final List<Draining> draining = new ArrayList<>();
  private Optional<OpenFile> current = Optional.empty();
  private Optional<Former> former = Optional.empty();

  /** What was found in the file of a size, when it was first seen and last had another one. */
  private PlaceSearch search = new RecentLines().search(Instant.EPOCH);

  private long sizeSearched = -1;
  private Instant firstGrowth = Instant.EPOCH;
  private Instant lastGrowth = Instant.EPOCH;

  /** Whether the file is a copy beside the log, to which no logger writes. */
  private boolean isCopy;

  private List<FileMark> start;
  private final RecentLines startLines;
  private final boolean startsAtEnd;
  private String complaint = "";

  /**
   * @param start where to go on; without it, a file that exists already is begun at its end
   */
  RotatingFile(Path path, Optional<Cursor> start, LogListener listener, InstantSource clock) {
    this.path = path;
    this.listener = listener;
    this.clock = clock;
    this.start = start.map(FileMark::all).orElse(List.of());
    this.startLines = start.map(RecentLines::in).orElseGet(RecentLines::new);
    boolean isNew =
        this.start.isEmpty() && start.map(Cursor::text).filter(BEGINNING.text()::equals).isEmpty();
    this.startsAtEnd = isNew && Files.exists(path);
    knowSiblings();
    if (startsAtEnd) {
      // Now, and not at the first poll: what is written from here on counts.
      openIfReadable();
    } else if (isNew) {
      listener.begun(BEGINNING);
    }
  }

  private void openIfReadable() {
    try {
      opened();
    } catch (IOException failure) {
      // The first poll tries again, and says why it can't.
    }
  }

  private OpenFile opened() throws IOException {
    if (current.isEmpty()) {
      current = Optional.of(begin());
      if (startsAtEnd) {
        listener.begun(cursor());
      }
    }
    return current.get();
  }

  /** The next whole line; empty while there is none. Trouble with the file is said once. */
  Optional<byte[]> nextLine() {
    try {
      Optional<byte[]> line = read();
      if (line.isPresent()) {
        complaint = "";
      }
      return line;
    } catch (NoSuchFileException absent) {
      complain("waiting for " + path + ", which does not exist");
    } catch (IOException failure) {
      complain(path + " can't be read: " + failure + "; check its permissions");
    }
    return Optional.empty();
  }

  private void complain(String text) {
    if (!text.equals(complaint)) {
      LOG.warn(text);
      complaint = text;
    }
  }

  /** The place after the last line. */
  Cursor cursor() throws IOException {
    List<FileMark> marks = new ArrayList<>();
    if (current.isPresent()) {
      marks.add(current.get().mark());
    }
    for (Draining old : draining) {
      marks.add(old.file().mark());
    }
    RecentLines lines =
        former
            .map(Former::lines)
            .or(() -> current.map(OpenFile::recent))
            .orElseGet(RecentLines::new);
    Cursor place = FileMark.toCursor(marks);
    if (lines.isEmpty()) {
      return place;
    }
    Function<Instant, String> last = lines.text();
    return new Cursor(() -> place.text() + "; " + last.apply(clock.instant()));
  }

  private Optional<byte[]> read() throws IOException {
    for (Draining old : draining) {
      Optional<byte[]> line = old.file().nextLine(() -> listener.gap(Gap.LONG_LINE));
      if (line.isPresent()) {
        return line;
      }
    }
    OpenFile file = opened();
    if (!file.hasLine() && file.isTruncated()) {
      recoverFromTruncation(file);
      return read();
    }
    if (former.isPresent() && isStillWritten(file, former.get())) {
      return Optional.empty();
    }
    Optional<byte[]> line = file.nextLine(() -> listener.gap(Gap.LONG_LINE));
    if (line.isPresent()) {
      return line;
    }
    closeDrained();
    return goOn(file) ? read() : Optional.empty();
  }

  /**
   * Goes behind what was read before, if the file holds it: then it was rewritten. Waits for the
   * rest of one that may still be written.
   */
  private boolean isStillWritten(OpenFile file, Former before) throws IOException {
    Instant now = clock.instant();
    if (file.size() != sizeSearched) {
      sizeSearched = file.size();
      lastGrowth = now;
      search = before.lines().search(now);
      file.show(search);
    }
    if (!search.hasSeenLine()) {
      firstGrowth = now;
      return false;
    }
    boolean mayGrow = search.isRewritten() || search.beginsOlder() || file.beginsAs(before.mark());
    if (mayGrow
        && !search.isComplete()
        && now.isBefore(lastGrowth.plus(REWRITE))
        && now.isBefore(firstGrowth.plus(LONG_REWRITE))) {
      return true;
    }
    former = Optional.empty();
    boolean isSameLog = before.gap().isPresent() || file.beginsAs(before.mark());
    boolean isFound = search.isRewritten() || (isSameLog && search.beginsOlder());
    if (isFound && search.end().isPresent()) {
      goBehind(search.end().getAsLong(), file);
    } else if (before.gap().isPresent()) {
      LOG.warn(
          "{} does not hold the lines read last: lines may be missing; reading it from its"
              + " beginning",
          path);
      listener.gap(before.gap().get());
    }
    return false;
  }

  private void goBehind(long place, OpenFile file) throws IOException {
    file.seek(place);
    isCopy = !isAtPath(file);
    if (search.passedOver() > 0) {
      LOG.warn(
          "{} was rewritten, and the last line read is not as it was: {} lines that are no newer"
              + " are passed over",
          path,
          search.passedOver());
    } else {
      LOG.info("{} was rewritten; going on after the last line read", path);
    }
  }

  private boolean isAtPath(OpenFile file) throws IOException {
    return Files.exists(path) && FileMark.inode(path) == file.inode();
  }

  private void lookFor(Former before) {
    former = Optional.of(before);
    sizeSearched = -1;
    firstGrowth = clock.instant();
  }

  private OpenFile begin() throws IOException {
    if (startsAtEnd) {
      return OpenFile.openAtEnd(path);
    }
    older.clear(); // An attempt before this one may have failed half-way.
    for (Draining old : draining) {
      old.file().close();
    }
    draining.clear();
    if (start.isEmpty()) {
      if (!Files.exists(path)) {
        throw new NoSuchFileException(path.toString());
      }
      older.addAll(unseen());
      older.add(path);
      return openNext();
    }
    OpenFile file = resume(start.get(0));
    for (FileMark mark : start.subList(1, start.size())) {
      drain(mark, file);
    }
    start = List.of();
    return file;
  }

  /**
   * Opens the next file. One that may not be read stays the next one; one that is gone does not.
   */
  private OpenFile openNext() throws IOException {
    while (true) {
      Path first = older.getFirst();
      try {
        OpenFile file = OpenFile.open(first, 0);
        List<Path> overtaken = first.equals(path) ? unseen(file) : List.of();
        if (overtaken.isEmpty()) {
          older.removeFirst();
          return file;
        }
        // The path was renamed again while we looked: what had that name before comes first.
        file.close();
        older.clear();
        older.addAll(overtaken);
        older.add(path);
      } catch (NoSuchFileException gone) {
        if (first.equals(path)) {
          throw gone;
        }
        older.removeFirst();
        if (older.isEmpty()) {
          older.add(path);
        }
      }
    }
  }

  /** Opens the file in which we stopped, under whatever name it has now. */
  private OpenFile resume(FileMark mark) throws IOException {
    Optional<OpenFile> present = OpenFile.open(path, mark, startLines);
    if (present.isPresent()) {
      if (mark.offset() == 0 && !startLines.isEmpty()) {
        lookFor(new Former(startLines, mark, Optional.empty()));
      }
      return present.get();
    }
    List<Path> rotated = rotated();
    for (int i = 0; i < rotated.size(); i++) {
      Optional<OpenFile> renamed = OpenFile.open(rotated.get(i), mark, startLines);
      if (renamed.isPresent()) {
        older.addAll(rotated.subList(i + 1, rotated.size()));
        return renamed.get();
      }
    }
    Optional<OpenFile> packed =
        mark.headLength() > 0 ? PackedFile.rest(siblings(Packing::isName), mark) : Optional.empty();
    if (packed.isPresent()) {
      packed.get().remember(startLines);
      return packed.get();
    }
    OpenFile file = OpenFile.open(path, 0);
    lookFor(new Former(startLines, mark, Optional.of(Gap.PLACE_LOST)));
    return file;
  }

  /** Goes on with a renamed file to which the logger may still write. */
  private void drain(FileMark mark, OpenFile resumed) throws IOException {
    for (Path file : rotated()) {
      // What was rewritten begins as its former self did, and is another file.
      Optional<OpenFile> renamed =
          FileMark.inode(file) == mark.inode() && mark.inode() != resumed.inode()
              ? OpenFile.open(file, mark, new RecentLines())
              : Optional.empty();
      if (renamed.isPresent()) {
        draining.add(new Draining(renamed.get(), clock.instant().plus(DRAIN)));
        return;
      }
    }
  }

  /** The files beside ours that bear its name and more, the oldest first. */
  private List<Path> rotated() throws IOException {
    return siblings(name -> !Packing.isName(name));
  }

  private List<Path> siblings(Predicate<String> isMeant) throws IOException {
    List<Path> files = new ArrayList<>();
    String name = path.getFileName().toString();
    try (DirectoryStream<Path> siblings =
        Files.newDirectoryStream(
            path.toAbsolutePath().getParent(),
            file ->
                file.getFileName().toString().startsWith(name)
                    && !file.getFileName().toString().equals(name)
                    && isMeant.test(file.getFileName().toString())
                    && Files.isRegularFile(file))) {
      siblings.forEach(files::add);
    }
    files.sort(Comparator.comparing(RotatingFile::modified));
    return files;
  }

  private static FileTime modified(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException gone) {
      return FileTime.fromMillis(0);
    }
  }

  /**
   * Goes on in the copy that was made before the file was emptied, if there is one, then in those
   * that were made after it, and begins the file again at last.
   */
  private void recoverFromTruncation(OpenFile file) throws IOException {
    FileMark mark = file.mark();
    for (Path copy : rotated()) {
      Optional<OpenFile> rest =
          FileMark.inode(copy) == file.inode()
              ? Optional.empty()
              : OpenFile.open(copy, mark, file.recent());
      if (rest.isPresent()) {
        file.close();
        current = rest;
        older.addAll(unseen());
        older.add(path);
        return;
      }
    }
    RecentLines before = file.recent();
    file.seek(0);
    lookFor(new Former(before, mark, Optional.of(Gap.TRUNCATED)));
  }

  /** Goes to the next file when this one is read to its end and has been renamed. */
  private boolean goOn(OpenFile file) throws IOException {
    if (older.isEmpty()) {
      if (!Files.exists(path) || FileMark.inode(path) == file.inode()) {
        return false;
      }
      older.addAll(unseen());
      older.add(path);
    }
    OpenFile next = openNext();
    if (next.inode() == file.inode()) {
      next.close(); // A name for the file that is read already.
      return false;
    }
    if (former.isPresent()) {
      lookFor(former.get()); // Not a line of this file was read.
    } else if (!file.recent().isEmpty()) {
      // Its last lines are those at the time when the next one is looked at.
      lookFor(new Former(file.recent(), file.mark(), Optional.empty()));
    }
    current = Optional.of(next);
    if (isCopy) {
      know(file.mark());
      file.close();
    } else {
      draining.add(new Draining(file, clock.instant().plus(DRAIN)));
    }
    isCopy = false;
    return true;
  }

  /** Files that came and were renamed again between two looks, in their order. */
  private List<Path> unseen(OpenFile... opened) throws IOException {
    Set<Long> open = new HashSet<>(); // Or about to be.
    Stream.of(opened).forEach(file -> open.add(file.inode()));
    current.ifPresent(file -> open.add(file.inode()));
    draining.forEach(old -> open.add(old.file().inode()));
    if (Files.exists(path)) {
      open.add(FileMark.inode(path));
    }
    List<Path> files = new ArrayList<>();
    for (Path file : rotated()) {
      try {
        long inode = FileMark.inode(file);
        if (!open.contains(inode) && !isKnown(file, inode)) {
          files.add(file);
        }
      } catch (NoSuchFileException renamed) {
        // Under its new name it is found at the next look.
      }
    }
    return files;
  }

  /** A number alone says little once a file is closed: file systems give it to the next one. */
  private boolean isKnown(Path file, long inode) throws IOException {
    byte[] head = FileMark.head(file);
    return known.stream()
        .anyMatch(mark -> mark.headLength() > 0 ? mark.beginsWith(head) : mark.inode() == inode);
  }

  private void know(FileMark mark) throws IOException {
    known.add(mark);
    // What lies beside the log is never forgotten: it would be read again.
    int most = Math.max(MOST_KNOWN, 2 * rotated().size());
    while (known.size() > most) {
      known.removeFirst();
    }
  }

  /** What lies beside the log when we begin was written before. */
  private void knowSiblings() {
    try {
      for (Path file : rotated()) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
          known.add(FileMark.of(channel, FileMark.inode(file), channel.size()));
        }
      }
    } catch (IOException failure) {
      LOG.warn("the files beside {} can't be read: {}", path, failure.toString());
    }
  }

  private void closeDrained() throws IOException {
    Instant now = clock.instant();
    for (Draining old : List.copyOf(draining)) {
      if (old.until().isBefore(now)) {
        know(old.file().mark());
        old.file().close();
        draining.remove(old);
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (Draining old : draining) {
      old.file().close();
    }
    if (current.isPresent()) {
      current.get().close();
    }
  }
}
