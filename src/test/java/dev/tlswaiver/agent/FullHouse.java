package dev.tlswaiver.agent;

import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.guard.Memory;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.judge.Effect;
import dev.tlswaiver.judge.Rooms;
import dev.tlswaiver.judge.Surroundings;
import dev.tlswaiver.notify.Notice;
import dev.tlswaiver.notify.Outbox;
import dev.tlswaiver.notify.Topic;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.source.Cursor;
import dev.tlswaiver.source.LogLine;
import dev.tlswaiver.store.Batch;
import dev.tlswaiver.store.MemoryKey;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Fills every structure that input can make grow, and lets an honest sender fail behind it. */
final class FullHouse implements Effect.Visitor {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final String LABELS = ("a".repeat(60) + ".").repeat(3);

  private final Outbox outbox = new Outbox(Set.of(Topic.values()));
  private final Quarantine quarantine = new Quarantine();
  private final Batch batch = new Batch();
  private final Deque<LogLine> waiting = new ArrayDeque<>();
  private final List<String> honest = new ArrayList<>();
  private final Rooms rooms =
      Rooms.furnish(
          Configuration.defaults().policy(),
          new Ledger(List.of()),
          new Surroundings(Map.of(), Map.of(), false, ZoneOffset.UTC),
          MemoryKey.forThisRun());

  public static void main(String[] arguments) {
    FullHouse house = new FullHouse();
    house.fill();
    for (int minute = 0; minute < 45; minute += 5) {
      house.fail(100_000, "mta.honest.example", "198.51.100.7", minute);
    }
    house.honest.forEach(state -> System.out.println("an honest sender's waiver: " + state));
    Runtime runtime = Runtime.getRuntime();
    System.out.println(((runtime.totalMemory() - runtime.freeMemory()) >> 20) + " MiB used");
    System.out.println(house.waiting.size() + " lines wait");
  }

  private void fill() {
    for (Memory memory : Memory.values()) {
      for (int i = 0; i < 400_000; i++) {
        Objects.requireNonNull(rooms.memories().get(memory)).see("s" + i + ".example", NOON);
      }
    }
    for (int i = 0; i < Service.MOST_LINE_BYTES / (2 * 60_000); i++) {
      waiting.add(new LogLine("\u20ac".repeat(60_000) + i, NOON, new Cursor("c" + i)));
    }
    for (int i = 0; i < 1_000; i++) {
      quarantine.setAside("kind " + i % 50, "\u20ac".repeat(60_000), NOON);
      for (Topic topic : Topic.values()) {
        outbox.add(Notice.plain(topic + "-" + i, topic, NOON, "s", "\u20ac".repeat(20_000)));
      }
    }
    quarantine.notes().drain();
    outbox.notes().drain();
    for (int i = 0; i < 40_000; i++) {
      String name = LABELS + "d" + i % 20_000 + ".example";
      fail(i, name, "203." + i % 200 + "." + i / 200 % 250 + ".1", i % 60);
    }
    for (int i = 0; i < 20_000; i++) {
      read(
          "postfix/smtpd["
              + (200_000 + i)
              + "]: connect from "
              + LABELS
              + "o"
              + i
              + ".example[192.0.2.1]",
          0);
      read(
          "postfix/smtpd["
              + (200_000 + i)
              + "]: NOQUEUE: reject: RCPT from "
              + LABELS
              + "o"
              + i
              + ".example[192.0.2.1]: 450 4.1.1 <x>: no; from=<x> to=<y> proto=ESMTP helo=<"
              + "h".repeat(1_500)
              + ">",
          0);
    }
  }

  private void fail(int process, String name, String address, int minute) {
    String at = "postfix/smtpd[" + process + "]: ";
    String peer = name + "[" + address + "]";
    read(at + "connect from " + peer, minute);
    read(at + "SSL_accept error from " + peer + ": -1", minute);
    read(
        at
            + "warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:"
            + "../ssl/statem/statem_srvr.c:1657:",
        minute);
    read(at + "lost connection after STARTTLS from " + peer, minute);
    read(at + "disconnect from " + peer + " ehlo=1 starttls=0/1 commands=1/2", minute);
  }

  private void read(String text, int minute) {
    rooms
        .pipeline()
        .accept("2026-03-01T12:%02d:00+00:00 mx %s".formatted(minute, text), NOON)
        .forEach(effect -> effect.accept(this));
    if (batch.size() < Recorder.MOST_UNWRITTEN) {
      rooms
          .noted()
          .forEach(
              room ->
                  room.notes()
                      .drain()
                      .forEach((key, value) -> batch.note(room.whose(), key, value)));
    } else {
      rooms.noted().forEach(room -> room.notes().drain());
    }
  }

  @Override
  public void observed(Observation observation, Optional<Pool> pool) {
    if (observation instanceof Observation.Handshake handshake
        && batch.size() < Recorder.MOST_UNWRITTEN) {
      pool.ifPresent(known -> batch.addFailure(handshake, known));
    }
  }

  @Override
  public void changed(Waiver waiver) {
    if (waiver.pool().id().equals("honest.example")) {
      honest.add(waiver.state().name());
    }
  }
}
