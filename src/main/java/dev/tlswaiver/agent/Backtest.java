package dev.tlswaiver.agent;

import dev.tlswaiver.guard.Guards;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.report.Replay;
import dev.tlswaiver.rule.Finding;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The pipeline over past logs, with nobody to act: what it would have proposed is the result. */
public final class Backtest implements Pipeline.Listener {
  private final Ledger ledger = new Ledger(List.of());
  private final Rooms rooms;
  private final List<Replay.Alarm> alarms = new ArrayList<>();
  private final Set<Long> alarmed = new HashSet<>();
  private int handshakes;
  private int failed;
  private Instant reference = Instant.EPOCH;

  public Backtest(Configuration configuration) {
    rooms = Rooms.furnish(configuration, ledger, Map.of(), ZoneId.systemDefault(), this);
  }

  /** Reads one line, written not later than that. */
  public void accept(String line, Instant written) {
    reference = written;
    rooms.pipeline().accept(line, written);
  }

  /** The logs are at their end. */
  public Replay finish() {
    rooms.pipeline().finish(reference);
    return new Replay(handshakes, failed, ledger.all(), alarms, rooms.pipeline().progress());
  }

  @Override
  public void parsed(Optional<SmtpdRecord> sentence) {}

  @Override
  public void linesMissing() {}

  @Override
  public void observed(Observation observation, Optional<Pool> pool) {
    if (observation instanceof Handshake handshake) {
      handshakes++;
      failed += handshake.outcome() instanceof Failed ? 1 : 0;
    }
  }

  @Override
  public void found(Finding finding) {}

  @Override
  public void changed(Waiver waiver) {
    waiver.objections().stream()
        .filter(Guards::isAlarm)
        .filter(objection -> alarmed.add(waiver.id()))
        .forEach(
            objection -> alarms.add(new Replay.Alarm(waiver.last(), waiver.pool(), objection)));
  }

  @Override
  public void fellBack(Pool pool) {}
}
