package dev.tlswaiver.agent;

import dev.tlswaiver.guard.KeyedHash;
import dev.tlswaiver.guard.LastSeen;
import dev.tlswaiver.guard.Probe;
import dev.tlswaiver.handshake.Notes;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Service;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.rule.Rule;
import dev.tlswaiver.rule.Windows;
import dev.tlswaiver.waiver.Evidence;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Transition;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Fills what is bounded by rows and not by bytes, and prints what each took of the heap. */
final class FullRows {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final Rule RULE =
      new Rule(
          "old-protocol",
          Set.of(Reason.UNSUPPORTED_PROTOCOL),
          Optional.empty(),
          3,
          Duration.ofHours(24),
          Duration.ZERO);
  private static final int MORE_THAN_ANY_BOUND = 40_000;

  /** A name that can be registered has a label of 63 characters before a short suffix. */
  private static final String LABEL = "a".repeat(57);

  private FullRows() {}

  public static void main(String[] arguments) {
    System.out.println("HEAP " + Runtime.getRuntime().maxMemory());
    measure("WINDOWS", FullRows::windows);
    measure("PROBES", FullRows::probes);
    measure("LEDGER", FullRows::ledger);
  }

  private static void measure(String what, Supplier<Object> filling) {
    long before = used();
    Object full = filling.get();
    try {
      System.out.println(what + " " + (used() - before));
    } finally {
      java.lang.ref.Reference.reachabilityFence(full);
    }
  }

  private static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static String name(int number) {
    return LABEL + Integer.toString(number, 36) + ".registry.example";
  }

  private static Pool pool(int number) {
    return number % 2 == 0 ? new Pool(name(number)) : new Pool(address(number).toString());
  }

  /** Each in a network of its own. */
  private static IpAddress address(int number) {
    return IpAddress.parse(
        "2%03x:%x:1111:2222:3333:4444:5555:6666"
            .formatted(number % 4_096, 0x1111 + number / 4_096));
  }

  private static Handshake failure(int number, Instant time) {
    return new Handshake(
        Optional.of(time),
        new Service("postfix", "smtpd"),
        new Peer(HostName.find("mx." + name(number)), Optional.of(address(number))),
        new Failed(
            Reason.UNSUPPORTED_PROTOCOL,
            Optional.of("0A000102"),
            "error:0A000102:SSL routines::unsupported protocol",
            false));
  }

  /** Some that came once, and as many failures as there may be of those that came again. */
  private static Object windows() {
    Windows windows = new Windows(List.of(RULE));
    for (int i = 0; i < MORE_THAN_ANY_BOUND; i++) {
      windows.observe(pool(i), failure(i, NOON));
    }
    for (int pass = 0; pass < 4; pass++) {
      for (int i = 0; i < 7_000; i++) {
        windows.observe(pool(i), failure(i, NOON.plusSeconds(60L * pass)));
      }
    }
    return windows;
  }

  private static Object probes() {
    Probe probe =
        new Probe(
            50,
            new LastSeen(
                1,
                Duration.ofDays(30),
                new KeyedHash(new byte[KeyedHash.KEY_LENGTH]),
                new Notes(),
                "mail"));
    for (int pass = 0; pass < 4; pass++) {
      for (int i = 0; i < MORE_THAN_ANY_BOUND; i++) {
        probe.observe(failure(i, NOON.plusSeconds(pass)), pool(i));
      }
    }
    return probe;
  }

  private static Object ledger() {
    return new Ledger(
        new AbstractList<>() {
          @Override
          public Waiver get(int index) {
            return waiver(index);
          }

          @Override
          public int size() {
            return MORE_THAN_ANY_BOUND;
          }
        });
  }

  /** Two of three were refused by guards. */
  private static Waiver waiver(int i) {
    String why = "the pool " + pool(i) + ": " + "w".repeat(150) + i;
    List<Objection> objections =
        List.of(new Objection(GuardName.PROBE, why), new Objection(GuardName.BOUNDS, why + "."));
    return new Waiver(
        i + 1,
        pool(i),
        List.of(address(i), address(i + 1), address(i + 2)),
        List.of(address(i).toPrefix(), address(i + 1).toPrefix(), address(i + 2).toPrefix()),
        Rung.LEGACY,
        new Evidence(
            "old-protocol",
            Reason.UNSUPPORTED_PROTOCOL,
            Optional.of("0A000102"),
            3,
            NOON.plusNanos(i),
            NOON.plusSeconds(i),
            Optional.empty()),
        NOON.plusSeconds(i),
        i % 3 == 0 ? State.EXPIRED : State.REFUSED,
        0,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        i % 3 == 0 ? List.of() : objections,
        List.of(
            new Transition(State.PROPOSED, NOON.plusSeconds(i), "3 failures found " + i),
            new Transition(State.REFUSED, NOON.plusSeconds(i), why)));
  }
}
