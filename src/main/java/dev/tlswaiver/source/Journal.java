package dev.tlswaiver.source;

import dev.tlswaiver.maillog.JsonLine;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The systemd journal, followed with journalctl(1), which is started again when it ends.
 *
 * <p>Any user may write a line that calls itself Postfix's, and local(8) runs users' commands in
 * Postfix's own unit. So journalctl is asked for the entries of certain users, which the kernel
 * tells journald: those of the user whom Postfix's daemons run as, root's from a daemon that has
 * not become that user yet, and what journald itself says of lines that it dropped.
 *
 * <p>It is read in two steps, since {@code --follow} leaves out what was logged before the last
 * boot: from our place to the end, and then on from there. The place itself is asked for as well
 * ({@code --after-cursor} silently skips an entry when the place is gone): when it does not come
 * first, lines are missing.
 */
public final class Journal implements Source {
  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
  private static final String CURSOR = "journal:";
  private static final Pattern PLACE = Pattern.compile("[a-z]=[0-9a-f]+(?:;[a-z]=[0-9a-f]+)*");

  /** The place in a journal that holds nothing yet. */
  private static final String EMPTY = "empty";

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(5);

  private final List<String> options;
  private final List<String> writers;
  private final LogListener listener;
  private final InstantSource clock;
  private final Thread thread = new Thread(this::follow, "journal");

  /** The last entry that was dealt with; empty while everything in the journal is new. */
  private Optional<String> place = Optional.empty();

  private Duration pause = FIRST_PAUSE;

  private final CountDownLatch closing = new CountDownLatch(1);
  private Optional<Process> running = Optional.empty(); // Guarded by this.

  private Journal(List<String> options, int daemonUser, LogListener listener, InstantSource clock) {
    this.options = options;
    this.writers = writers(daemonUser);
    this.listener = listener;
    this.clock = clock;
    thread.setDaemon(true);
  }

  /** In journalctl's grammar: what stands between two plus signs must all be so. */
  private static List<String> writers(int daemonUser) {
    return List.of(
        "_UID=" + daemonUser,
        "+",
        "_UID=0",
        "_COMM=smtpd",
        "+",
        "_UID=0",
        "_COMM=tlsproxy",
        "+",
        "_UID=0",
        "_COMM=postscreen",
        "+",
        "_TRANSPORT=driver");
  }

  /** Whether an smtpd(8) has written into the journal lately, by the kernel's word. */
  public static boolean holdsSmtpd(int daemonUser) {
    try {
      Process process =
          new ProcessBuilder(
                  "journalctl",
                  "--quiet",
                  "--no-pager",
                  "--output=cat",
                  "--lines=1",
                  "--since=-7d",
                  "_UID=" + daemonUser,
                  "_COMM=smtpd")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
        return reader.readLine() != null;
      } finally {
        process.destroy();
      }
    } catch (IOException absent) {
      return false;
    }
  }

  /**
   * Begins to follow the journal.
   *
   * @param daemonUser the number of the user whom Postfix's daemons run as
   * @param start where to go on; without it, at the end
   * @throws IOException if journalctl can't be started or can't read the journal
   */
  public static Journal follow(
      int daemonUser, Optional<Cursor> start, LogListener listener, InstantSource clock)
      throws IOException {
    return follow(List.of(), daemonUser, start, listener, clock);
  }

  /**
   * @param options journalctl's, that say which journal
   */
  static Journal follow(
      List<String> options,
      int daemonUser,
      Optional<Cursor> start,
      LogListener listener,
      InstantSource clock)
      throws IOException {
    Journal journal = new Journal(options, daemonUser, listener, clock);
    Optional<String> saved =
        start
            .map(Cursor::text)
            .filter(text -> text.startsWith(CURSOR))
            .map(text -> text.substring(CURSOR.length()));
    journal.place = saved.filter(text -> PLACE.matcher(text).matches());
    if (journal.place.isEmpty() && saved.filter(EMPTY::equals).isEmpty()) {
      journal.place = journal.lastEntry();
      saved.ifPresent(damaged -> listener.gap(Gap.PLACE_LOST));
      listener.begun(new Cursor(CURSOR + journal.place.orElse(EMPTY)));
    }
    journal.thread.start();
    return journal;
  }

  /** The journal's end now: what is written from here on counts. */
  private Optional<String> lastEntry() throws IOException {
    Process process = start(List.of("--lines=1"));
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      String entry = reader.readLine();
      if (process.waitFor() != 0) {
        throw new IOException("journalctl can't read the journal: see what it says");
      }
      return entry == null ? Optional.empty() : JsonLine.entry(entry).flatMap(JsonLine::cursor);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", stopped);
    } finally {
      process.destroy();
    }
  }

  private void follow() {
    try {
      while (!isClosing()) {
        try {
          if (place.isEmpty() || catchUp()) {
            goOn();
          }
          complain("it ended");
        } catch (IOException failure) {
          complain(failure.toString());
        }
        pause();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } finally {
      stop();
    }
  }

  /** Reads to the journal's end; answers whether it came that far. */
  private boolean catchUp() throws IOException, InterruptedException {
    String from = place.orElseThrow();
    Process process = start(List.of("--cursor=" + from));
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      Optional<JsonLine> first = next(reader);
      if (first.isPresent() && !isAt(from, first.get())) {
        loseThePlace();
        take(first.get());
      }
      takeAll(reader);
      boolean isAtEnd = process.waitFor() == 0;
      if (isAtEnd && first.isEmpty()) {
        loseThePlace();
        place = Optional.empty();
      }
      return isAtEnd;
    }
  }

  private void loseThePlace() {
    if (!isClosing()) {
      LOG.warn("the journal no longer holds what was read last: lines may be missing");
      listener.gap(Gap.PLACE_LOST);
    }
  }

  /** Reads what comes, until journalctl ends. */
  private void goOn() throws IOException {
    List<String> more = new ArrayList<>(List.of("--follow", "--no-tail"));
    place.ifPresent(from -> more.add("--cursor=" + from));
    try (BufferedReader reader = start(more).inputReader(StandardCharsets.UTF_8)) {
      String from = place.orElse("");
      next(reader).filter(entry -> !isAt(from, entry)).ifPresent(this::take);
      takeAll(reader);
    }
  }

  private static boolean isAt(String place, JsonLine entry) {
    return entry.cursor().filter(place::equals).isPresent();
  }

  private void takeAll(BufferedReader reader) throws IOException {
    for (Optional<JsonLine> entry = next(reader); entry.isPresent(); entry = next(reader)) {
      take(entry.get());
    }
  }

  /** The next entry; what journalctl was killed over is none. */
  private static Optional<JsonLine> next(BufferedReader reader) throws IOException {
    Optional<JsonLine> entry = Optional.empty();
    String text = reader.readLine();
    while (text != null && entry.isEmpty()) {
      entry = JsonLine.entry(text);
      text = entry.isEmpty() ? reader.readLine() : text;
    }
    return entry;
  }

  private void take(JsonLine entry) {
    if (isClosing()) {
      return;
    }
    place = entry.cursor();
    pause = FIRST_PAUSE;
    if (!entry.isWhole()) {
      listener.gap(Gap.LONG_LINE);
    }
    listener.line(
        new LogLine(entry.text(), clock.instant(), new Cursor(CURSOR + place.orElse(""))));
  }

  private void complain(String why) {
    if (!isClosing() && pause.equals(FIRST_PAUSE)) {
      LOG.warn("starting journalctl again: {}", why);
    }
  }

  private void pause() throws InterruptedException {
    if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
      return;
    }
    Duration longer = pause.multipliedBy(2);
    pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
  }

  private synchronized Process start(List<String> more) throws IOException {
    if (isClosing()) {
      throw new IOException("closed");
    }
    List<String> command =
        new ArrayList<>(List.of("journalctl", "--output=json", "--quiet", "--no-pager"));
    command.addAll(options);
    command.addAll(more);
    command.addAll(writers);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    running = Optional.of(process);
    return process;
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private synchronized void stop() {
    closing.countDown();
    running.ifPresent(Process::destroy);
  }

  @Override
  public synchronized boolean isFollowing() {
    return thread.isAlive() && running.filter(Process::isAlive).isPresent();
  }

  @Override
  public void close() {
    stop();
    try {
      thread.join(STOP_WITHIN.toMillis());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "the journal";
  }
}
