package dev.tlswaiver.report;

import dev.tlswaiver.guard.Alarms;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.report.Replay.Kind;
import dev.tlswaiver.report.Replay.Loss;
import dev.tlswaiver.report.Replay.Moment;
import dev.tlswaiver.rule.Windows;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Notes what happens while logs are replayed.
 *
 * <p>Bounded: of more than {@value #MOST_POOLS} failing pools those that failed longest ago are
 * evicted, and only the first {@value #MOST_MOMENTS} moments are kept, and counted beyond that.
 */
public final class Timeline {
  static final int MOST_POOLS = 20_000;
  static final int MOST_MOMENTS = 20_000;

  private static final class Tally {
    private final String first;
    private final Instant began;
    private int failures;
    private int plaintext;

    Tally(String first, Instant began) {
      this.first = first;
      this.began = began;
    }
  }

  /** What a pool had lost when its waiver came up. */
  private record Mark(int failures, int plaintext) {}

  /** A waiver as it was told last. */
  private record Last(State state, List<IpPrefix> networks) {}

  private final Map<Pool, Tally> tallies = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Long, Last> known = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Long, Mark> marks = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Pool, Boolean> begun = new LinkedHashMap<>(16, 0.75f, true);
  private final List<Moment> moments = new ArrayList<>();
  private final List<Alarms.Alarm> alarms = new ArrayList<>();
  private int omitted;

  /** A handshake of a pool. */
  public void observe(Handshake handshake, Pool pool, Instant reference) {
    if (handshake.outcome() instanceof Failed failed
        && handshake.service().facesMx()
        && handshake.service().rungLabel().isEmpty()) {
      tallies.computeIfAbsent(
              pool,
              unseen ->
                  new Tally(
                      "first failure of "
                          + pool
                          + ": "
                          + handshake.peer()
                          + ", "
                          + failed.reason().label(),
                      handshake.time().orElse(reference)))
          .failures++;
      evictEldest(tallies, MOST_POOLS);
    }
  }

  /** A pool that failed gave a message in plaintext. */
  public void fellBack(Pool pool) {
    Optional.ofNullable(tallies.get(pool)).ifPresent(tally -> tally.plaintext++);
  }

  /** Something that a person should look at. */
  public void alarmed(Alarms.Alarm alarm) {
    if (alarms.size() < MOST_MOMENTS) {
      alarms.add(alarm);
    }
    add(
        new Moment(
            alarm.at(),
            Kind.ALARM,
            alarm.pool(),
            Optional.empty(),
            "alarm, " + alarm.objection().guard().label() + ": " + alarm.objection().text()));
  }

  /** A waiver was made, or changed. */
  public void changed(Waiver waiver) {
    Optional<Last> before =
        Optional.ofNullable(known.put(waiver.id(), new Last(waiver.state(), waiver.networks())));
    evictEldest(known, MOST_MOMENTS);
    if (before.isEmpty()) {
      begin(waiver);
    }
    if (before.filter(old -> old.state() == waiver.state()).isEmpty()) {
      if (waiver.state() == State.REFUSED) {
        waiver
            .objections()
            .forEach(
                objection ->
                    add(
                        moment(
                            waiver,
                            Kind.REFUSED,
                            "refused by " + objection.guard().label() + ": " + objection.text())));
      } else {
        add(moment(waiver, Kind.PROPOSED, WaiverText.proposal(waiver)));
      }
    } else if (waiver.state() == State.PROPOSED
        && !before.orElseThrow().networks().equals(waiver.networks())) {
      add(
          moment(
              waiver,
              Kind.GREW,
              "proposal " + waiver.id() + " grows to " + WaiverText.networks(waiver)));
    }
  }

  private void begin(Waiver waiver) {
    Optional<Tally> tally = Optional.ofNullable(tallies.get(waiver.pool()));
    boolean isFirst = begun.put(waiver.pool(), true) == null;
    evictEldest(begun, MOST_MOMENTS);
    tally
        .filter(lost -> isFirst)
        .ifPresent(
            lost ->
                add(
                    new Moment(
                        lost.began,
                        Kind.FIRST_FAILURE,
                        Optional.of(waiver.pool()),
                        Optional.of(waiver.id()),
                        lost.first)));
    marks.put(
        waiver.id(),
        tally.map(lost -> new Mark(lost.failures, lost.plaintext)).orElse(new Mark(0, 0)));
    evictEldest(marks, MOST_MOMENTS);
    if (waiver.state() == State.REFUSED) {
      add(moment(waiver, Kind.PROPOSED, "finding: " + WaiverText.wanted(waiver)));
    }
  }

  private static <K, V> void evictEldest(Map<K, V> map, int most) {
    if (map.size() > most) {
      map.remove(map.keySet().iterator().next());
    }
  }

  private static Moment moment(Waiver waiver, Kind kind, String text) {
    return new Moment(
        waiver.evidence().last(), kind, Optional.of(waiver.pool()), Optional.of(waiver.id()), text);
  }

  private void add(Moment moment) {
    if (moments.size() < MOST_MOMENTS) {
      moments.add(moment);
    } else {
      omitted++;
    }
  }

  /** The whole, once the logs are at their end. */
  public Replay finish(
      int handshakes, int failed, List<Waiver> waivers, List<Windows.Progress> progress) {
    Map<Long, Loss> losses = new HashMap<>();
    for (Waiver waiver : waivers) {
      Optional<Tally> tally = Optional.ofNullable(tallies.get(waiver.pool()));
      Mark mark = Objects.requireNonNullElse(marks.get(waiver.id()), new Mark(0, 0));
      tally.ifPresent(
          lost ->
              losses.put(
                  waiver.id(),
                  new Loss(
                      mark.failures(),
                      Math.max(0, lost.failures - mark.failures()),
                      mark.plaintext(),
                      Math.max(0, lost.plaintext - mark.plaintext()))));
    }
    Map<Pool, Integer> plaintext = new TreeMap<>();
    tallies.forEach(
        (pool, tally) -> {
          if (tally.plaintext > 0) {
            plaintext.put(pool, tally.plaintext);
          }
        });
    return new Replay(
        handshakes,
        failed,
        waivers,
        alarms,
        progress,
        moments,
        omitted,
        losses,
        plaintext.entrySet().stream()
            .map(entry -> new Report.PlaintextAfterFailure(entry.getKey(), entry.getValue()))
            .toList());
  }
}
