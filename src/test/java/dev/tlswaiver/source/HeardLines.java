package dev.tlswaiver.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** What a source said, to be waited for. */
final class HeardLines implements LogListener {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final List<LogLine> lines = new CopyOnWriteArrayList<>();
  private final List<Cursor> begun = new CopyOnWriteArrayList<>();
  private final List<Gap> gaps = new CopyOnWriteArrayList<>();

  @Override
  public void begun(Cursor place) {
    begun.add(place);
  }

  @Override
  public void line(LogLine line) {
    lines.add(line);
  }

  @Override
  public void gap(Gap gap) {
    gaps.add(gap);
  }

  List<String> texts() {
    return lines.stream().map(LogLine::text).toList();
  }

  List<Gap> gaps() {
    return List.copyOf(gaps);
  }

  /** The places where a log was begun that was not followed before. */
  List<Cursor> begun() {
    return List.copyOf(begun);
  }

  /** The place after the first line. */
  Cursor firstPlace() {
    return lines.get(0).cursor();
  }

  /** The place after the last line. */
  Cursor place() {
    return lines.get(lines.size() - 1).cursor();
  }

  /** Forgets the lines, and nothing else. */
  void forgetLines() {
    lines.clear();
  }

  /** Forgets what it heard. */
  void clear() {
    lines.clear();
    gaps.clear();
    begun.clear();
  }

  void await(int count) {
    await(() -> lines.size() >= count);
  }

  void await(String... expected) {
    await(expected.length);
    assertThat(texts()).containsExactly(expected);
  }

  static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }
}
