package dev.tlswaiver.cli;

import dev.tlswaiver.excerpt.Excerpt;
import dev.tlswaiver.excerpt.ExcerptReader;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.maillog.UnreadableLineException;
import dev.tlswaiver.scan.BlockScan;
import dev.tlswaiver.scan.Findings;
import dev.tlswaiver.scan.PeerNumbers;
import dev.tlswaiver.source.PastLogs;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** The past logs that the operator names, read in the order of their times. */
final class Logs {
  /** A log whose first lines have no time has none. */
  private static final int MOST_LINES_WITHOUT_TIME = 200;

  /** 256 KiB: more than fits a question, and read in a moment. */
  private static final int MOST_EXCERPT = 1 << 18;

  /** Clocks that nobody sets differ by minutes, time zones by half an hour at least. */
  private static final Duration SKEW = Duration.ofMinutes(20);

  private record Log(String name, Instant written, Instant begins) {}

  private final List<String> names;
  private final Consumer<String> say;
  private InputStream standardInput = System.in;
  private Instant written = Instant.MIN;

  /**
   * @param names files, or {@code -}
   * @param say hears what is wrong with one of them
   */
  Logs(List<String> names, Consumer<String> say) {
    this.names = List.copyOf(names);
    this.say = say;
  }

  /**
   * Hands out every line, the oldest log first, with the time by which its file was written: a
   * header without a year is not later than that.
   *
   * @param setAside hears of the lines that whoever takes them can't read
   */
  void read(SetAside setAside, BiConsumer<String, Instant> lines, LongSupplier postfixLines)
      throws IOException {
    Progress progress = progress();
    for (Log log : inOrder()) {
      long before = postfixLines.getAsLong();
      long[] number = new long[1];
      PastLogs.read(
          log.name(),
          standardInput,
          progress::read,
          line ->
              setAside.reading(log.name(), ++number[0], () -> lines.accept(line, log.written())));
      sayIfNobodys(log, before, postfixLines);
    }
    progress.end();
  }

  /**
   * Whether the logs are so few lines that people may have shown them to each other: these are put
   * together again where they were broken.
   */
  boolean areExcerpts() throws IOException {
    long size = 0;
    for (String name : names) {
      size += name.equals("-") ? ahead() : Files.size(existing(name));
    }
    return size <= MOST_EXCERPT;
  }

  /** How long standard input is, up to where it no longer matters; it will be read once more. */
  private long ahead() throws IOException {
    byte[] head = standardInput.readNBytes(MOST_EXCERPT + 1);
    standardInput = new SequenceInputStream(new ByteArrayInputStream(head), standardInput);
    return head.length;
  }

  /** Hands out every line as {@link #read} does, but whole where a margin broke it. */
  void readExcerpts(SetAside setAside, BiConsumer<String, Instant> lines, LongSupplier postfixLines)
      throws IOException {
    for (Log log : inOrder()) {
      long before = postfixLines.getAsLong();
      new Excerpts(log, standardInput, setAside, lines).read();
      sayIfNobodys(log, before, postfixLines);
    }
  }

  /** Puts the lines of one log together, and begins again behind one that it can't read. */
  private static final class Excerpts {
    private final Log log;
    private final InputStream standardInput;
    private final SetAside setAside;
    private final BiConsumer<String, Instant> lines;
    private Excerpt excerpt;
    private long number;

    Excerpts(
        Log log, InputStream standardInput, SetAside setAside, BiConsumer<String, Instant> lines) {
      this.log = log;
      this.standardInput = standardInput;
      this.setAside = setAside;
      this.lines = lines;
      this.excerpt = anew();
    }

    private Excerpt anew() {
      return new Excerpt(
          new ExcerptReader(ZoneId.systemDefault()),
          log.written(),
          line ->
              setAside.readingUpTo(log.name(), number, () -> lines.accept(line, log.written())));
    }

    void read() throws IOException {
      PastLogs.read(
          log.name(),
          standardInput,
          ignored -> {},
          line -> {
            number++;
            step(() -> excerpt.accept(line));
          });
      step(() -> excerpt.finish());
    }

    private void step(Runnable work) {
      try {
        UnreadableLineException.reading(work);
      } catch (UnreadableLineException why) {
        setAside.addUpTo(log.name(), number, why);
        excerpt = anew();
      }
    }
  }

  /** Takes what was found in a block. */
  @FunctionalInterface
  interface Blocks {
    /**
     * @param before how many lines of the log come before the block
     */
    void accept(String log, long before, Findings found, Instant written);
  }

  /**
   * Hands out what was found in each block, as {@link #read} does lines.
   *
   * @param followed as for {@link BlockScan}; asked by several threads
   */
  void scan(PeerNumbers.Known followed, Blocks blocks, LongSupplier postfixLines)
      throws IOException {
    Deque<BlockScan> free = new ConcurrentLinkedDeque<>();
    Progress progress = progress();
    for (Log log : inOrder()) {
      long postfixBefore = postfixLines.getAsLong();
      long[] before = new long[1];
      PastLogs.scan(
          log.name(),
          standardInput,
          progress::read,
          (block, length) -> {
            BlockScan scan =
                Optional.ofNullable(free.poll()).orElseGet(() -> new BlockScan(followed));
            scan.scan(block, length);
            return scan;
          },
          scan -> {
            Findings found = scan.findings();
            blocks.accept(log.name(), before[0], found, log.written());
            before[0] += found.lines();
            free.push(scan);
          });
      sayIfNobodys(log, postfixBefore, postfixLines);
    }
    progress.end();
  }

  /** A log of something else, or one that nobody can read, is not one without failures. */
  private void sayIfNobodys(Log log, long before, LongSupplier postfixLines) {
    if (postfixLines.getAsLong() == before) {
      say.accept(log.name() + ": not one line is of Postfix");
    }
    written = log.written().isAfter(written) ? log.written() : written;
  }

  /**
   * Names a log whose clock, or time zone, is another than this machine's: it can't have been
   * written before its last line. One that is behind only looks as if nothing had happened since.
   *
   * @param last the time of the last line of all that were read
   */
  void sayIfAhead(Optional<Instant> last) {
    Optional<Duration> ahead =
        last.map(time -> Duration.between(written, time)).filter(it -> it.compareTo(SKEW) > 0);
    ahead.ifPresent(
        by ->
            say.accept(
                "the last line is of %s, %d minutes after the log was written: its clock or time"
                        .formatted(last.orElseThrow(), by.toMinutes())
                    + " zone is not this machine's; TZ= sets the zone of lines that name none"));
  }

  private Progress progress() throws IOException {
    long size = 0;
    for (String name : names) {
      size += name.equals("-") ? 0 : Files.size(existing(name));
    }
    return new Progress(size);
  }

  private List<Log> inOrder() throws IOException {
    if (names.size() == 1 && !names.contains("-")) {
      Instant written = written(names.get(0));
      return List.of(new Log(names.get(0), written, written));
    }
    List<Log> logs = new ArrayList<>();
    for (String name : names) {
      logs.add(log(name));
    }
    logs.sort(Comparator.comparing(Log::begins));
    return logs;
  }

  private static Log log(String name) throws IOException {
    if (name.equals("-")) {
      return new Log(name, Instant.now(), Instant.MAX);
    }
    Instant written = written(name);
    ExcerptReader parser = new ExcerptReader(ZoneId.systemDefault());
    Optional<Instant> begins =
        PastLogs.firstLines(name, MOST_LINES_WITHOUT_TIME).stream()
            .flatMap(line -> time(parser, line, written).stream())
            .findFirst();
    return new Log(name, written, begins.orElse(written));
  }

  private static Optional<Instant> time(ExcerptReader parser, String line, Instant written) {
    try {
      return UnreadableLineException.reading(() -> parser.parse(line, written))
          .flatMap(SyslogMessage::time);
    } catch (UnreadableLineException counted) {
      return Optional.empty(); // When it is read.
    }
  }

  private static Instant written(String name) throws IOException {
    return Files.getLastModifiedTime(existing(name)).toInstant();
  }

  private static Path existing(String log) throws IOException {
    Path path = Path.of(log);
    if (!Files.isReadable(path) || Files.isDirectory(path)) {
      throw new IOException(
          log
              + (Files.exists(path)
                  ? ": can't be read; check its permissions, and that it is a file"
                  : ": no such file"));
    }
    return path;
  }
}
