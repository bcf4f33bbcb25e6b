package dev.tlswaiver.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Service;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Proof;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Transition;
import dev.tlswaiver.waiver.Waiver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StoreTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  @TempDir Path directory;

  private static List<Handshake> failuresSince(Store store, Instant start) throws Exception {
    List<Handshake> failures = new ArrayList<>();
    store.failuresSince(start, failures::add);
    return failures;
  }

  private static Map<String, Instant> strongSince(Store store, Instant start) throws Exception {
    Map<String, Instant> strong = new LinkedHashMap<>();
    store.strongSince(start, strong::put);
    return strong;
  }

  private static Waiver full() {
    return new Waiver(
        7,
        new Pool("oldbank.example"),
        List.of(IpAddress.parse("198.51.100.10"), IpAddress.parse("2001:db8::10")),
        List.of(IpPrefix.parse("198.51.100.10/32"), IpPrefix.parse("2001:db8::10/128")),
        Rung.LEGACY,
        Reason.UNSUPPORTED_PROTOCOL,
        Optional.of("0A000102"),
        "old-protocol",
        3,
        NOON,
        NOON.plusSeconds(60),
        NOON.plusSeconds(60),
        State.PROVEN,
        1,
        Optional.of(NOON.plusSeconds(61)),
        Optional.of(NOON.plusSeconds(99)),
        Optional.of(
            new Proof(
                Optional.of("TLSv1"),
                Optional.of("AES128-SHA"),
                "4F6D0629C",
                NOON.plusSeconds(70))),
        List.of(new Objection("probe", "looks \"odd\"\nbut was overruled")),
        List.of(
            new Transition(State.PROPOSED, NOON, "3 failures"),
            new Transition(State.ACTIVE, NOON.plusSeconds(61), "the plan was applied")));
  }

  private static Handshake failure(Instant at) {
    return new Handshake(
        Optional.of(at),
        new Service("postfix", "smtpd"),
        new Peer(
            HostName.find("mta1.oldbank.example"), Optional.of(IpAddress.parse("198.51.100.10"))),
        new Failed(
            Reason.UNSUPPORTED_PROTOCOL, Optional.of("0A000102"), "unsupported protocol", false));
  }

  @Test
  void whatWasCommittedIsThereAfterARestart() throws Exception {
    Batch batch = new Batch();
    batch.add(full());
    batch.addFailure(failure(NOON));
    batch.addStrong("192.0.2.1", NOON);
    batch.moveTo("place 41");
    batch.count(Totals.NONE.plus(true, NOON));
    try (Store store = Store.open(directory)) {
      store.commit(batch);
    }
    try (Store store = Store.open(directory)) {
      assertThat(store.waivers()).containsExactly(full());
      assertThat(failuresSince(store, NOON)).containsExactly(failure(NOON));
      assertThat(strongSince(store, NOON)).containsEntry("192.0.2.1", NOON);
      assertThat(store.cursor()).contains("place 41");
      assertThat(store.totals()).isEqualTo(new Totals(1, 1, Optional.of(NOON)));
    }
  }

  @Test
  void whatWasNotCommittedIsNot() throws Exception {
    try (Store store = Store.open(directory)) {
      assertThat(store.waivers()).isEmpty();
      assertThat(store.cursor()).isEmpty();
      assertThat(store.totals()).isEqualTo(Totals.NONE);
    }
  }

  @Test
  void oldEvidenceIsPruned() throws Exception {
    Batch batch = new Batch();
    batch.addFailure(failure(NOON));
    batch.addFailure(failure(NOON.plusSeconds(10)));
    batch.addStrong("192.0.2.1", NOON);
    try (Store store = Store.open(directory)) {
      store.commit(batch);
      store.prune(NOON.plusSeconds(1), NOON.plusSeconds(1));
      assertThat(failuresSince(store, Instant.EPOCH))
          .containsExactly(failure(NOON.plusSeconds(10)));
      assertThat(strongSince(store, Instant.EPOCH)).isEmpty();
    }
  }

  @Test
  void aNewerFileIsRefusedByName() throws Exception {
    Store.open(directory).close();
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        var statement = connection.createStatement()) {
      statement.executeUpdate("UPDATE fact SET value = '99' WHERE name = 'schema'");
    }
    assertThatThrownBy(() -> Store.open(directory))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(file().toString())
        .hasMessageContaining("newer");
  }

  @Test
  void aDamagedFileIsRefusedByName() throws Exception {
    Files.writeString(file(), "this is not a database, however long it may be ".repeat(100));
    assertThatThrownBy(() -> Store.open(directory))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(file().toString());
  }

  private Path file() {
    return directory.resolve("ledger.db");
  }
}
