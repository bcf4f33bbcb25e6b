package dev.tlswaiver.report;

import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.maillog.UnreadableLineException;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.scan.Findings;
import dev.tlswaiver.scan.Findings.Kind;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Hands a counter what was found in the blocks of a log, in their order: most of it as numbers, and
 * only what is unusual as lines to read.
 */
public final class Sieve {
  /** Terms, services and causes: a few dozen, unless somebody makes them up. */
  private static final int MOST_KNOWN = 10_000;

  /** More sessions at once than the counter itself remembers; beyond it all are forgotten. */
  private static final int MOST_OPEN = 1 << 16;

  /** Takes one kind of finding. */
  @FunctionalInterface
  private interface Take {
    void take(Findings found, int index, Instant written);
  }

  /**
   * By kind. A switch would be compiled as a whole, and once more for each case that turns up late;
   * these are compiled one by one, in a process that lives for a second or two.
   */
  private final Map<Kind, Take> takes = new EnumMap<>(Kind.class);

  private final ReportCounter counter;
  private final Unreadable unreadable;

  /** Processes with a session that an earlier block left open, so that the counter knows of it. */
  private final Set<Long> open = new HashSet<>();

  /** Whether any process may have one, for the rest of the log. */
  private boolean mayAllBeOpen;

  private final Map<Long, Optional<ReportCounter.Usage>> usages = new HashMap<>();
  private final Map<Long, Optional<String>> services = new HashMap<>();
  private final Map<Long, Optional<Failed>> causes = new HashMap<>();
  private final Map<Long, Optional<Instant>> hours = new HashMap<>();
  private long lastQuarter;
  private Optional<Instant> hour = Optional.empty();

  /** Hears of lines that could not be read, and were left out. */
  @FunctionalInterface
  public interface Unreadable {
    /**
     * @param line its number in its block, 1 for the first
     */
    void setAside(long line, UnreadableLineException why);
  }

  /** One that lets rise what goes wrong. */
  public Sieve(ReportCounter counter) {
    this(
        counter,
        (line, why) -> {
          throw why;
        });
  }

  public Sieve(ReportCounter counter, Unreadable unreadable) {
    this.counter = counter;
    this.unreadable = unreadable;
    for (Kind kind : Kind.values()) {
      takes.put(kind, take(kind));
    }
  }

  private Take take(Kind kind) {
    return switch (kind) {
      case READ -> this::read;
      case DOUBTFUL -> this::doubtful;
      case JOIN -> this::join;
      case BEGIN -> this::begin;
      case END -> this::end;
      case LAST -> this::last;
      case LEFT_OPEN -> this::leaveOpen;
      case ESTABLISHED -> this::established;
      case FAILED -> this::failed;
      case CAUSE -> (found, index, written) -> {}; // It belongs to the failure before it.
      case PLAINTEXT -> this::plaintext;
    };
  }

  /** Takes a block in that was written not later than that. */
  public void accept(Findings found, Instant written) {
    counter.skip(found.lines(), found.postfixLines());
    mayAllBeOpen |= found.mayLeaveAnyOpen();
    found.firstTimed().ifPresent(line -> time(line, written));
    for (int i = 0; i < found.size(); i++) {
      take(found, i, written);
    }
    found.lastTimed().ifPresent(line -> time(line, written));
  }

  private void time(String line, Instant written) {
    try {
      UnreadableLineException.reading(() -> counter.time(line, written));
    } catch (UnreadableLineException timeless) {
      // The lines around it have times as well.
    }
  }

  private void take(Findings found, int index, Instant written) {
    try {
      UnreadableLineException.reading(
          () -> Objects.requireNonNull(takes.get(found.kind(index))).take(found, index, written));
    } catch (UnreadableLineException why) {
      unreadable.setAside(found.lineNumber(index), why);
    }
  }

  private void read(Findings found, int index, Instant written) {
    eachLine(found, index, line -> counter.read(line, written));
  }

  /** Hands out each line of a finding; one that can't be read costs itself. */
  private void eachLine(Findings found, int index, Consumer<String> reader) {
    long[] before = new long[1];
    found.lines(
        index,
        line -> {
          try {
            UnreadableLineException.reading(() -> reader.accept(line));
          } catch (UnreadableLineException why) {
            unreadable.setAside(found.lineNumber(index) + before[0], why);
          }
          before[0]++;
        });
  }

  private void doubtful(Findings found, int index, Instant written) {
    eachLine(found, index, line -> counter.readDoubtful(line, written));
  }

  private void join(Findings found, int index, Instant written) {
    counter.join(found.line(index), written);
  }

  private void begin(Findings found, int index, Instant written) {
    if (mayAllBeOpen || (!open.isEmpty() && open.contains(found.number(index)))) {
      counter.read(found.line(index), written);
    }
  }

  private void end(Findings found, int index, Instant written) {
    if (mayAllBeOpen || (!open.isEmpty() && open.remove(found.number(index)))) {
      counter.read(found.line(index), written);
    }
  }

  private void last(Findings found, int index, Instant written) {
    open.remove(found.number(index));
    counter.read(found.line(index), written);
  }

  private void leaveOpen(Findings found, int index, Instant written) {
    if (open.size() >= MOST_OPEN) {
      open.clear();
    }
    open.add(found.number(index));
  }

  /** How many lines of Postfix there were so far. */
  public long postfixLines() {
    return counter.postfixLines();
  }

  /** The log is at its end. */
  public Report finish() {
    return counter.finish();
  }

  /** It matters if its sender failed before. */
  private void plaintext(Findings found, int index, Instant written) {
    if (found.mayBeAnyOf(index, counter::mayBeFailing)) {
      counter.end(found.line(index), written, (int) found.number(index));
    }
  }

  /** Most failures have one of a few causes: these are counted without reading. */
  private void failed(Findings found, int index, Instant written) {
    Optional<String> service = service(found, index, written);
    Optional<Failed> cause = cause(found, index + 1, written);
    Optional<Peer> peer = Peer.find(found.peerText(index));
    if (service.isEmpty() || cause.isEmpty() || peer.isEmpty()) {
      counter.read(found.line(index), written);
      counter.read(found.line(index + 1), written);
      return;
    }
    counter.count(counter.time(found.line(index), written), service.get(), peer.get(), cause.get());
  }

  private Optional<String> service(Findings found, int index, Instant written) {
    return known(services)
        .computeIfAbsent(
            found.number(index), unseen -> counter.service(found.line(index), written));
  }

  private Optional<Failed> cause(Findings found, int index, Instant written) {
    return known(causes)
        .computeIfAbsent(found.number(index), unseen -> counter.cause(found.line(index), written));
  }

  /** Most handshakes are completed, on the same few terms: these are counted without reading. */
  private void established(Findings found, int index, Instant written) {
    Optional<ReportCounter.Usage> usage =
        known(usages)
            .computeIfAbsent(
                found.number(index), unseen -> counter.use(found.line(index), written));
    if (usage.isPresent()) {
      usage.get().add(found.address(index), hour(found, index, written));
    } else {
      counter.read(found.line(index), written);
    }
  }

  /** The hour in UTC. In no zone it begins elsewhere than at a quarter of an hour. */
  private Optional<Instant> hour(Findings found, int index, Instant written) {
    long quarter = found.quarter(index);
    if (quarter != lastQuarter) {
      lastQuarter = quarter;
      hour =
          known(hours)
              .computeIfAbsent(
                  quarter,
                  unseen ->
                      counter
                          .time(found.line(index), written)
                          .map(time -> time.truncatedTo(ChronoUnit.HOURS)));
    }
    return hour;
  }

  /** What was read of a number; forgotten where there is more than an honest log has. */
  private static <T> Map<Long, T> known(Map<Long, T> known) {
    if (known.size() >= MOST_KNOWN) {
      known.clear();
    }
    return known;
  }
}
