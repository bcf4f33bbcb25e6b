package dev.tlswaiver.report;

import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.maillog.BlockScan;
import dev.tlswaiver.maillog.BlockScan.Kind;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.report.Slots.Slot;
import dev.tlswaiver.report.Slots.Stage;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Hands a counter only the lines of scanned blocks that it needs, in their order. A session that
 * says nothing of TLS is never read; of one that does, the line by which it began is read first.
 */
public final class Sieve {
  /** Protocol, cipher and service: a few dozen, unless somebody makes them up. */
  private static final int MOST_TERMS = 10_000;

  /** What may come after a session's first line; FAILED and ESTABLISHED share a place. */
  private static final List<Stage> LATER = List.of(Stage.FAILED, Stage.EXPLAINED, Stage.LOST);

  private final ReportCounter counter;
  private final Slots slots = new Slots();
  private final Map<Long, ReportCounter.Usage> usages = new HashMap<>();
  private long lastTerms;
  private Optional<ReportCounter.Usage> lastUsage = Optional.empty();
  private final Map<Long, String> services = new HashMap<>();
  private final Map<Long, Failed> causes = new HashMap<>();
  private long lastDay;
  private Optional<LocalDate> date = Optional.empty();

  public Sieve(ReportCounter counter) {
    this.counter = counter;
  }

  /** Takes a block in that was written not later than that. */
  public void accept(BlockScan scan, Instant written) {
    counter.skip(scan.lines());
    scan.firstTimed().ifPresent(line -> counter.time(line, written));
    for (int i = 0; i < scan.size(); i++) {
      line(scan, i, written);
    }
    slots.keep(scan);
    scan.lastTimed().ifPresent(line -> counter.time(line, written));
  }

  /** The log is at its end: what is left of sessions without one is read. */
  public Report finish(Instant written) {
    BlockScan nothing = new BlockScan();
    slots.all().forEach(slot -> follow(slot, nothing, written));
    return counter.finish();
  }

  private void line(BlockScan scan, int index, Instant written) {
    if (scan.process(index) == 0) {
      counter.read(scan.line(index), written);
      return;
    }
    Slot slot = slots.get(scan.process(index));
    if (slot.stage() == Stage.FOLLOWED) {
      counter.read(scan.line(index), written);
      if (scan.kind(index) == Kind.DISCONNECT) {
        slot.clear();
      }
      return;
    }
    boolean isExpected =
        switch (scan.kind(index)) {
          case CONNECT -> connect(slot, scan, index);
          case ESTABLISHED -> isSame(slot, scan, index) && established(slot, scan, index, written);
          case FAILED ->
              isSame(slot, scan, index) && reach(slot, Stage.FAILED, Stage.CONNECTED, scan, index);
          case PROBLEM -> {
            slots.touch(slot);
            yield reach(slot, Stage.EXPLAINED, Stage.FAILED, scan, index);
          }
          case LOST -> isSame(slot, scan, index) && lost(slot, scan, index, written);
          case DISCONNECT -> isSame(slot, scan, index) && disconnect(slot, scan, index, written);
          case MENTION -> mention(slot, index);
          case MAIL -> isSame(slot, scan, index) && mail(slot, index);
          case TEXT -> false;
        };
    if (!isExpected) {
      follow(slot, scan, written);
      counter.read(scan.line(index), written);
      if (scan.kind(index) == Kind.DISCONNECT) {
        slot.clear();
      }
    }
  }

  /** Whether the line names the client that the session is with. */
  private boolean isSame(Slot slot, BlockScan scan, int index) {
    slots.touch(slot);
    return slot.isWith(scan.peer(index));
  }

  /** A session begins; one that failed and has no end is left to be read. */
  private boolean connect(Slot slot, BlockScan scan, int index) {
    boolean isExpected = isUneventful(slot);
    if (isExpected) {
      slot.begin(index, scan.peer(index));
      slots.touch(slot);
    }
    return isExpected;
  }

  private static boolean isUneventful(Slot slot) {
    return slot.stage() == Stage.CONNECTED || slot.stage() == Stage.ESTABLISHED;
  }

  private boolean mention(Slot slot, int index) {
    if (isUneventful(slot)) {
      slots.touch(slot);
      slot.mention(index);
      return true;
    }
    return false;
  }

  private static boolean mail(Slot slot, int index) {
    boolean isExpected = isUneventful(slot);
    if (isExpected) {
      slot.deliver(index);
    }
    return isExpected;
  }

  private static boolean reach(Slot slot, Stage next, Stage from, BlockScan scan, int index) {
    boolean isExpected = slot.stage() == from;
    if (isExpected) {
      slot.reach(next, scan, index);
    }
    return isExpected;
  }

  private boolean lost(Slot slot, BlockScan scan, int index, Instant written) {
    return mention(slot, index)
        || (slot.stage() == Stage.EXPLAINED
            && count(slot, scan, written)
            && reach(slot, Stage.LOST, Stage.EXPLAINED, scan, index));
  }

  /** A failure, its cause, and the same client's end are counted without being joined. */
  private boolean disconnect(Slot slot, BlockScan scan, int index, Instant written) {
    boolean isWhole =
        switch (slot.stage()) {
          case CONNECTED -> plaintext(slot, scan, index, written);
          case ESTABLISHED, LOST -> true;
          case EXPLAINED -> count(slot, scan, written);
          case FAILED, FOLLOWED -> false;
        };
    if (isWhole) {
      slot.clear();
    }
    return isWhole;
  }

  /** A session without TLS is over; it matters if its sender failed before and gave us mail. */
  private boolean plaintext(Slot slot, BlockScan scan, int index, Instant written) {
    int messages = slot.messages();
    if (messages > 0 && scan.mayBeAnyOf(index, counter::mayBeFailing)) {
      counter.end(scan.line(index), written, messages);
    }
    return true;
  }

  private boolean count(Slot slot, BlockScan scan, Instant written) {
    Optional<String> service = service(slot, scan, written);
    Optional<Failed> cause = cause(slot, scan, written);
    Optional<Peer> peer = Peer.find(slot.peerText());
    if (service.isEmpty() || cause.isEmpty() || peer.isEmpty()) {
      return false;
    }
    counter.count(
        counter.time(slot.line(Stage.FAILED, scan), written),
        service.get(),
        peer.get(),
        cause.get());
    return true;
  }

  private Optional<String> service(Slot slot, BlockScan scan, Instant written) {
    Optional<String> known = Optional.ofNullable(services.get(slot.service()));
    if (known.isEmpty() && services.size() < MOST_TERMS) {
      known = counter.service(slot.line(Stage.FAILED, scan), written);
      known.ifPresent(name -> services.put(slot.service(), name));
    }
    return known;
  }

  private Optional<Failed> cause(Slot slot, BlockScan scan, Instant written) {
    Optional<Failed> known = Optional.ofNullable(causes.get(slot.problem()));
    if (known.isEmpty() && causes.size() < MOST_TERMS) {
      known = counter.cause(slot.line(Stage.EXPLAINED, scan), written);
      known.ifPresent(cause -> causes.put(slot.problem(), cause));
    }
    return known;
  }

  /** Most handshakes are completed, on the same few terms: these are counted without reading. */
  private boolean established(Slot slot, BlockScan scan, int index, Instant written) {
    Optional<ReportCounter.Usage> usage =
        slot.stage() == Stage.CONNECTED ? usage(scan, index, written) : Optional.empty();
    if (usage.isEmpty()) {
      return false;
    }
    long day = scan.day(index);
    if (day != lastDay) {
      lastDay = day;
      date =
          counter
              .time(scan.line(index), written)
              .map(time -> time.atOffset(ZoneOffset.UTC).toLocalDate());
    }
    usage.get().add(scan.address(index), date);
    slot.reach(Stage.ESTABLISHED, scan, index);
    return true;
  }

  private Optional<ReportCounter.Usage> usage(BlockScan scan, int index, Instant written) {
    long terms = scan.terms(index);
    if (terms != lastTerms || lastUsage.isEmpty()) {
      lastTerms = terms;
      lastUsage = Optional.ofNullable(usages.get(terms));
      if (lastUsage.isEmpty() && usages.size() < MOST_TERMS) {
        lastUsage = counter.use(scan.line(index), written);
        lastUsage.ifPresent(usage -> usages.put(terms, usage));
      }
    }
    return lastUsage;
  }

  /** Reads what was left of the session; from here on each of its lines is read. */
  private void follow(Slot slot, BlockScan scan, Instant written) {
    String first = slot.line(Stage.CONNECTED, scan);
    if (!first.isEmpty()) {
      counter.read(first, written);
    }
    boolean isCounted = slot.stage() == Stage.ESTABLISHED || slot.stage() == Stage.LOST;
    for (Stage stage : LATER) {
      String line = slot.line(stage, scan);
      if (isCounted) {
        counter.join(line, written);
      } else {
        counter.read(line, written);
      }
    }
    // Of several messages the last is read as often: only how many there were is of interest.
    for (int i = 0; i < slot.messages(); i++) {
      counter.read(slot.mail(scan), written);
    }
    slot.follow();
  }
}
