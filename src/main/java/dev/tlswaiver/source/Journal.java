package dev.tlswaiver.source;

import dev.tlswaiver.maillog.JsonLine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The systemd journal, followed with journalctl(1). Only fields that journald itself sets say what
 * is Postfix: any user may write a line that calls itself so.
 */
public final class Journal implements Source {
  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
  private static final String CURSOR = "journal:";

  private final Process process;
  private final Thread thread;

  private Journal(Process process, LogListener listener, InstantSource clock) {
    this.process = process;
    this.thread = new Thread(() -> read(listener, clock), "journal");
    thread.setDaemon(true);
  }

  /**
   * Begins to follow the journal.
   *
   * @param start where to go on; without it, at the end
   * @throws IOException if journalctl can't be started
   */
  public static Journal follow(Optional<Cursor> start, LogListener listener, InstantSource clock)
      throws IOException {
    List<String> command =
        new ArrayList<>(List.of("journalctl", "--output=json", "--follow", "--no-pager"));
    Optional<String> place =
        start
            .map(Cursor::text)
            .filter(text -> text.startsWith(CURSOR))
            .map(text -> text.substring(CURSOR.length()));
    command.add(place.map(cursor -> "--after-cursor=" + cursor).orElse("--lines=0"));
    Journal journal =
        new Journal(
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start(),
            listener,
            clock);
    journal.thread.start();
    return journal;
  }

  private void read(LogListener listener, InstantSource clock) {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String entry = reader.readLine(); entry != null; entry = reader.readLine()) {
        JsonLine.find(entry)
            .ifPresent(
                line ->
                    listener.line(
                        new LogLine(
                            line.text(),
                            clock.instant(),
                            new Cursor(CURSOR + line.cursor().orElse("")))));
      }
    } catch (IOException ended) {
      LOG.warn("the journal ends: {}", ended.getMessage());
    }
  }

  @Override
  public boolean isFollowing() {
    return process.isAlive();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "the journal";
  }
}
