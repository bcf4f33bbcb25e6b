package dev.tlswaiver.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.house.ManualClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** A log that somebody rewrites in any way while it is followed. */
final class RewrittenLogPropertiesTest {
  /** Of fewer lines nobody can tell whose they are. */
  private static final int FEWEST = 6;

  private static final DateTimeFormatter TIMES =
      DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  /**
   * What is read between two looks is known; a second passes between rewriting and the next line.
   */
  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void eachLineIsHeardOnce(@ForAll long seed) throws IOException {
    try (Host host = new Host(new Random(seed))) {
      host.write();
      host.look();
      for (int step = 0; step < 12; step++) {
        host.rewrite();
        if (host.random.nextInt(3) == 0) {
          host.restart();
        }
        host.clock.advance(Duration.ofSeconds(1));
        host.write();
        host.look();
        host.clock.advance(Duration.ofSeconds(6)); // The longest wait for a rest that may come.
        host.look();
        host.check();
      }
    }
  }

  /** A log, somebody who rewrites it, and who follows it. */
  private static final class Host implements AutoCloseable, LogListener {
    final Random random;
    final ManualClock clock = new ManualClock(Instant.parse("2026-12-31T23:50:00Z"));
    final List<Integer> heard = new ArrayList<>();
    final List<Gap> gaps = new ArrayList<>();
    final List<String> done = new ArrayList<>();
    int written;

    private final Path folder = Files.createTempDirectory("rewritten");
    private final Path log = folder.resolve("maillog");
    private RotatingFile follower;
    private Cursor place;

    Host(Random random) throws IOException {
      this.random = random;
      this.place = new Cursor("beginning");
      this.follower = new RotatingFile(log, Optional.of(place), this, clock);
    }

    /** A busy second or quiet minutes. */
    void write() throws IOException {
      int count = random.nextInt(4) == 0 ? 70 + random.nextInt(80) : 1 + random.nextInt(12);
      boolean isBusy = random.nextBoolean();
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < count; i++) {
        text.append(TIMES.format(clock.instant()))
            .append(" mx postfix/smtpd[7]: line ")
            .append(written++)
            .append(" of foo\n");
        if (!isBusy || random.nextInt(30) == 0) {
          clock.advance(Duration.ofSeconds(random.nextInt(5)));
        }
      }
      Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    void look() throws IOException {
      Optional<byte[]> line = follower.nextLine();
      while (line.isPresent()) {
        hear(new String(line.get(), StandardCharsets.ISO_8859_1));
        place = new Cursor(follower.cursor().text());
        line = follower.nextLine();
      }
    }

    private void hear(String line) {
      if (line.contains(" line ")) {
        heard.add(Integer.valueOf(line.replaceAll(".* line ([0-9]+) .*", "$1")));
      }
    }

    void restart() throws IOException {
      done.add("restart");
      follower.close();
      follower = new RotatingFile(log, Optional.of(place), this, clock);
    }

    void rewrite() throws IOException {
      List<String> before = Files.readAllLines(log);
      List<String> lines = edited(before);
      if (lines.size() < FEWEST
          || before.stream()
                  .map(Host::time)
                  .skip(Math.max(0, before.size() - 64))
                  .distinct()
                  .count()
              < 3) {
        lines = before;
      }
      byte[] bytes =
          lines.isEmpty()
              ? new byte[0]
              : (String.join("\n", lines) + "\n").getBytes(StandardCharsets.US_ASCII);
      int way = random.nextInt(4);
      done.add("way " + way + ", now " + lines.size() + " lines of " + written);
      switch (way) {
        case 0 -> Files.write(log, bytes);
        case 1 -> inPieces(bytes);
        case 2 -> replace(bytes);
        default -> {
          if (random.nextBoolean()) {
            Files.move(log, folder.resolve("maillog~"), StandardCopyOption.REPLACE_EXISTING);
          } else {
            Files.delete(log);
          }
          inPieces(bytes);
        }
      }
      if (random.nextBoolean()) {
        look();
      }
    }

    private void replace(byte[] bytes) throws IOException {
      Path next = folder.resolve("next");
      Files.write(next, bytes);
      Files.move(next, log, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void inPieces(byte[] bytes) throws IOException {
      Files.write(log, new byte[0]);
      int at = 0;
      while (at < bytes.length) {
        if (random.nextBoolean()) {
          look();
        }
        int end = Math.min(bytes.length, at + 1 + random.nextInt(4_000));
        Files.write(log, Arrays.copyOfRange(bytes, at, end), StandardOpenOption.APPEND);
        at = end;
        clock.advance(Duration.ofMillis(random.nextInt(900)));
      }
    }

    private static String time(String line) {
      return line.substring(0, 15);
    }

    private List<String> edited(List<String> lines) {
      int size = lines.size();
      int some = 1 + random.nextInt(20);
      int edit = random.nextInt(7);
      done.add("edit " + edit + " by " + some);
      return switch (edit) {
        case 0 -> lines;
        case 1 -> lines.subList(Math.max(0, size - random.nextInt(100)), size);
        case 2 -> lines.stream().filter(line -> random.nextInt(some) > 0).toList();
        case 3 ->
            lines.stream().map(line -> random.nextInt(some) > 0 ? line : line + " edited").toList();
        case 4 -> lines.stream().map(line -> line.replace("foo", "barbaz")).toList();
        case 5 -> lines.subList(0, size - random.nextInt(Math.min(size, 150)));
        default -> {
          List<String> more = new ArrayList<>(lines);
          more.add(random.nextInt(size), "# somebody was here");
          yield more;
        }
      };
    }

    void check() {
      List<Integer> lost = new ArrayList<>(IntStream.range(0, written).boxed().toList());
      lost.removeAll(Set.copyOf(heard));
      assertThat(lost).as("lost, %s", this).isEmpty();
      assertThat(heard).as("repeated, %s", this).doesNotHaveDuplicates();
      assertThat(gaps).as("gaps, %s", this).isEmpty();
    }

    @Override
    public String toString() {
      return done + ", heard last " + heard.subList(Math.max(0, heard.size() - 200), heard.size());
    }

    @Override
    public void line(LogLine line) {
      throw new AssertionError("nobody follows by a Tailer");
    }

    @Override
    public void gap(Gap gap) {
      gaps.add(gap);
    }

    @Override
    public void close() throws IOException {
      follower.close();
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
