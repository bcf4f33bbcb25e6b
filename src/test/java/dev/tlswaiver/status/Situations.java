package dev.tlswaiver.status;

import dev.tlswaiver.guard.Pause;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Service;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.report.Situation;
import dev.tlswaiver.waiver.Evidence;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Proof;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Term;
import dev.tlswaiver.waiver.Transition;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Snapshots to look at. */
final class Situations {
  static final Instant NOW = Instant.parse("2026-03-03T12:34:56Z");

  private Situations() {}

  static Waiver waiver(long id, String pool, State state, String why, String objection) {
    boolean isOnHost = state.isOnHost();
    return new Waiver(
        id,
        new Pool(pool),
        List.of(IpAddress.parse("198.51.100." + id)),
        List.of(IpPrefix.parse("198.51.100." + id + "/32")),
        Rung.LEGACY,
        new Evidence(
            "old-protocol",
            Reason.UNSUPPORTED_PROTOCOL,
            Optional.of("0A000102"),
            3,
            NOW.minusSeconds(7_200),
            NOW.minusSeconds(3_600),
            Optional.empty()),
        NOW.minusSeconds(3_600),
        state,
        0,
        isOnHost
            ? Optional.of(new Term(NOW.minusSeconds(3_000), NOW.plusSeconds(500_000)))
            : Optional.empty(),
        Optional.empty(),
        Map.of(),
        state == State.PROVEN
            ? Optional.of(
                new Proof(
                    Rung.LEGACY,
                    Optional.of("TLSv1"),
                    Optional.of("ECDHE-RSA-AES256-SHA"),
                    "4XyZ1234",
                    NOW.minusSeconds(600)))
            : Optional.empty(),
        state == State.REFUSED ? List.of(new Objection(GuardName.PROBE, objection)) : List.of(),
        List.of(new Transition(state, NOW.minusSeconds(60 * id), why)));
  }

  /** A host with some of everything. */
  static Snapshot busy() {
    List<Waiver> waivers =
        new ArrayList<>(
            List.of(
                waiver(1, "oldbank.example", State.PROVEN, "mail came", ""),
                waiver(
                    2,
                    "scanner-with-a-long-name.municipal-utilities.example",
                    State.ACTIVE,
                    "the plan was applied",
                    ""),
                waiver(3, "printer.example", State.DIAGNOSING, "what does it offer?", ""),
                waiver(4, "waits.example", State.PROPOSED, "3 failures", ""),
                waiver(
                    5,
                    "census.example",
                    State.REFUSED,
                    "refused",
                    "looks like a probe (70 of 50): no mail was ever accepted from it, and its name"
                        + " says scan"),
                waiver(6, "gone.example", State.EXPIRED, "its time is over", ""),
                waiver(7, "no-help.example", State.INEFFECTIVE, "it failed there too", "")));
    return snapshot(waivers, Optional.empty(), Optional.empty(), trend());
  }

  static Snapshot snapshot(
      List<Waiver> waivers, Optional<Pause> pause, Optional<String> safe, Trend trend) {
    return Snapshot.of(
        NOW,
        new Situation(true, "enforce", pause, safe),
        waivers,
        50,
        trend.counts(NOW),
        new Snapshot.Health(
            Optional.of(NOW.minusSeconds(3)),
            2,
            Optional.of(NOW.minusSeconds(41)),
            Optional.empty(),
            true));
  }

  static Handshake handshake(Instant at, String service, Outcome outcome) {
    return new Handshake(
        Optional.of(at),
        new Service("postfix", service),
        new Peer(Optional.empty(), Optional.of(IpAddress.parse("198.51.100.1"))),
        outcome);
  }

  private static Trend trend() {
    Trend trend = new Trend(NOW.minus(Duration.ofDays(3)));
    Reason[] reasons = {
      Reason.UNSUPPORTED_PROTOCOL, Reason.NO_SHARED_CIPHER, Reason.DISCONNECTED, Reason.NOT_TLS
    };
    for (int i = 0; i < 300; i++) {
      trend.observe(
          handshake(
              NOW.minusSeconds(2L * i * i),
              "smtpd",
              new Outcome.Failed(reasons[i * i % 7 % 4], Optional.empty(), "", false)),
          NOW);
    }
    String[] suites = {
      "TLSv1.3 TLS_AES_256_GCM_SHA384", "TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384", "TLSv1.2 AES128-SHA"
    };
    for (int i = 0; i < 5_000; i++) {
      String[] suite = suites[i % 10 == 0 ? 1 : i % 97 == 0 ? 2 : 0].split(" ");
      trend.observe(handshake(NOW, "smtpd", new Outcome.Completed(suite[0], suite[1], 256)), NOW);
    }
    trend.observe(
        handshake(
            NOW,
            "tlswaiver-legacy/smtpd",
            new Outcome.Completed("TLSv1", "ECDHE-RSA-AES256-SHA", 256)),
        NOW);
    return trend;
  }
}
