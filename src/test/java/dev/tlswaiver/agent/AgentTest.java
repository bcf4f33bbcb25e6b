package dev.tlswaiver.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.actuator.Actuator;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.actuator.postfix.Capabilities;
import dev.tlswaiver.actuator.postfix.OwnChanges;
import dev.tlswaiver.config.ConfigurationReader;
import dev.tlswaiver.guard.Memory;
import dev.tlswaiver.hand.HandHere;
import dev.tlswaiver.hand.Rules;
import dev.tlswaiver.hand.Sight;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Offer;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.house.ManualClock;
import dev.tlswaiver.judge.Surroundings;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.source.Cursor;
import dev.tlswaiver.source.Gap;
import dev.tlswaiver.source.LogLine;
import dev.tlswaiver.status.Metrics;
import dev.tlswaiver.status.StatusServer;
import dev.tlswaiver.store.Batch;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.StoreException;
import dev.tlswaiver.waiver.Evidence;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Lookups;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class AgentTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  /** A host for which plans are made, and nothing more: the agent prints. */
  private final class PlannedHost implements Actuator {
    private final List<Integer> writtenBefore = new ArrayList<>();

    @Override
    public Plan plan(Collection<Grant> grants, Instant now) throws HostException {
      try {
        store.waivers().forEach(waiver -> writtenBefore.add(waiver.evidence().failures()));
      } catch (StoreException failure) {
        throw new AssertionError(failure);
      }
      throw new HostException("no plan here");
    }

    @Override
    public void keep() {}

    @Override
    public void prepare() {
      throw new AssertionError("the host is touched");
    }

    @Override
    public Staged stage(Plan plan) {
      throw new AssertionError("the host is touched");
    }

    @Override
    public Optional<String> recover() {
      throw new AssertionError("the host is touched");
    }
  }

  private final PlannedHost host = new PlannedHost();
  private final Metrics metrics =
      new Metrics(
          "1",
          List.of("no-shared-cipher", "old-protocol", "tls13-trouble"),
          List.of(),
          List.of("observe"),
          Arrays.stream(Gap.values()).map(Gap::label).toList(),
          List.of());

  /** A host that others change. */
  private static final class ChangingHost implements Lookout, Sight {
    final List<OwnChanges.Change> changes = new ArrayList<>();
    Map<Rung, Offer> offers = Map.of(Rung.LEGACY, Offer.widest(List.of(0x0301, 0x0303)));

    @Override
    public List<OwnChanges.Change> changes() {
      return changes;
    }

    @Override
    public Rules rules() {
      return Rules.NONE;
    }

    @Override
    public Surroundings surroundings() {
      return new Surroundings(Map.of(), offers, false, ZoneOffset.UTC);
    }
  }

  private final ChangingHost around = new ChangingHost();
  private final ManualClock clock = new ManualClock(NOW);
  private Store store;
  private Agent agent;

  @BeforeEach
  void start() throws Exception {
    store = Store.inMemory();
    begin("mode: observe\n");
  }

  private void begin(String yaml) throws Exception {
    agent =
        new Agent(
            ConfigurationReader.parse("test", yaml),
            Mode.PRINT,
            Optional.empty(),
            store,
            new HandHere(host, clock, around, () -> Capabilities.UNKNOWN),
            around.surroundings(),
            metrics,
            clock,
            around,
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    agent.begin();
  }

  @AfterEach
  void close() throws Exception {
    store.close();
  }

  private void read(String... lines) throws IOException {
    for (int i = 0; i < lines.length; i++) {
      agent.line(new LogLine(lines[i], NOW, new Cursor("after " + i)));
    }
  }

  private List<Handshake> failures() throws IOException {
    List<Handshake> failures = new ArrayList<>();
    store.eachFailure(Instant.EPOCH, "", failures::add);
    return failures;
  }

  private static String[] failure(String time) {
    return """
    Mar  1 %1$s mx postfix/smtpd[31]: connect from a.example[192.0.2.1]
    Mar  1 %1$s mx postfix/smtpd[31]: SSL_accept error from a.example[192.0.2.1]: -1
    Mar  1 %1$s mx postfix/smtpd[31]: warning: TLS library problem: \
    error:0A000102:SSL routines::unsupported protocol:../ssl/statem/statem_srvr.c:1657:
    Mar  1 %1$s mx postfix/smtpd[31]: lost connection after STARTTLS from a.example[192.0.2.1]
    Mar  1 %1$s mx postfix/smtpd[31]: disconnect from a.example[192.0.2.1] ehlo=1 starttls=0/1
    """
        .formatted(time)
        .lines()
        .toArray(String[]::new);
  }

  private static String[] mail(Instant at) {
    return """
    %1$s mx postfix/smtpd[32]: connect from b.example[192.0.2.2]
    %1$s mx postfix/smtpd[32]: Anonymous TLS connection established from b.example[192.0.2.2]: \
    TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
    %1$s mx postfix/smtpd[32]: 4F6D0629C: client=b.example[192.0.2.2]
    %1$s mx postfix/smtpd[32]: disconnect from b.example[192.0.2.2] ehlo=2 starttls=1 mail=1 \
    rcpt=1 data=1 quit=1 commands=7
    """
        .formatted(at)
        .lines()
        .toArray(String[]::new);
  }

  @Test
  void whenABusySenderWasSeenIsWrittenToTheHour() throws Exception {
    Instant begin = NOW.minus(Duration.ofDays(5));
    for (int i = 0; i < 200; i++) {
      Instant last = begin.plus(Duration.ofMinutes(29L * i));
      read(mail(last));
      agent.tick();
      for (Memory memory : Memory.values()) {
        List<Instant> written = new ArrayList<>();
        store.seenSince(memory, Instant.EPOCH, entry -> written.add(entry.last()));
        Instant hourBefore = last.minus(Duration.ofHours(1));
        assertThat(written)
            .as("%s, seen last at %s", memory, last)
            .isNotEmpty()
            .allMatch(hourBefore::isBefore);
      }
    }
  }

  private static final String ONE_IS_ENOUGH =
      "rules: [{name: all, reasons: [unsupported-protocol], failures: 1, within: 1h, spread: 0s,"
          + " rung: legacy}]";

  @Test
  void neighboursAreLookedUpOnceWrittenDownAndNotAgainAfterARestart() throws Exception {
    begin(ONE_IS_ENOUGH);
    List<Lookups.Question> asked = new ArrayList<>();
    agent.lookUpThrough(asked::add);
    read(
        Arrays.stream(failure("12:00:00"))
            .map(line -> line.replace("a.example[192.0.2.1]", "a.farm.example[192.0.2.1]"))
            .toArray(String[]::new));
    agent.tick();
    agent.tick(); // Nothing more while one is on its way.
    assertThat(asked)
        .containsExactly(
            new Lookups.Question(new Pool("farm.example"), IpPrefix.parse("192.0.2.0/24")));
    agent.lookedUp(
        asked.get(0), List.of(Peer.find("b.farm.example[192.0.2.2]").orElseThrow()), true);
    agent.tick();
    assertThat(networks()).containsExactly("192.0.2.1/32", "192.0.2.2/32");
    begin(ONE_IS_ENOUGH);
    agent.lookUpThrough(asked::add);
    agent.tick();
    assertThat(asked).hasSize(1);
    assertThat(networks()).containsExactly("192.0.2.1/32", "192.0.2.2/32");
    clock.advance(Duration.ofDays(1));
    agent.tick();
    assertThat(asked).hasSize(2);
  }

  private List<String> networks() {
    return agent.desk().list(true).waivers().stream()
        .flatMap(waiver -> waiver.networks().stream())
        .map(IpPrefix::toString)
        .toList();
  }

  @Test
  void whatTheLedgerForgetsTheAgentForgetsToo() throws Exception {
    Batch batch = new Batch();
    for (int id = 1; id <= Ledger.MOST_ENDED; id++) {
      batch.add(refused(id));
    }
    store.commit(batch);
    begin(
        "rules: [{name: all, reasons: [unsupported-protocol], failures: 1, within: 1h, spread: 0s,"
            + " rung: legacy}]");
    for (int i = 0; i < 450; i++) {
      String peer = "unknown[192.168." + i / 256 + "." + i % 256 + "]";
      read(
          Arrays.stream(failure("10:00:00"))
              .map(line -> line.replace("a.example[192.0.2.1]", peer))
              .toArray(String[]::new));
    }
    int kept = agent.desk().list(true).waivers().size();
    assertThat(kept).isBetween(Ledger.MOST_ENDED, Ledger.MOST_ENDED + 250);
    assertThat(agent.told()).isBetween(kept, kept + 1);
  }

  private static Waiver refused(int id) {
    return new Waiver(
        id,
        new Pool("p" + id + ".example"),
        List.of(),
        List.of(),
        Rung.LEGACY,
        new Evidence("all", Reason.OTHER, Optional.empty(), 1, NOW, NOW, Optional.empty()),
        NOW,
        State.REFUSED,
        0,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        List.of(new Objection(GuardName.PROBE, "looks like a probe")),
        List.of());
  }

  @Test
  void evidenceAndThePlaceAfterItAreWrittenTogetherAndNotForEachLine() throws Exception {
    read(failure("10:00:00"));
    assertThat(store.cursor()).isEmpty();
    assertThat(failures()).isEmpty();
    agent.tick();
    assertThat(store.cursor()).contains("after 4");
    assertThat(failures()).hasSize(1);
  }

  @Test
  void thePlaceWhereALogIsBegunIsWrittenAtOnce() throws Exception {
    agent.begun(new Cursor("the end"));
    assertThat(store.cursor()).contains("the end");
  }

  @Test
  void aNewWaiverIsWrittenAtOnce() throws Exception {
    read(failure("10:00:00"));
    read(failure("10:05:00"));
    read(failure("10:11:00"));
    assertThat(store.waivers()).hasSize(1);
    assertThat(failures()).hasSize(3);
  }

  @Test
  void whatIsActedOnWasWritten() throws Exception {
    read(failure("10:00:00"));
    read(failure("10:05:00"));
    read(failure("10:11:00"));
    read(failure("10:12:00")); // The waiver grows, which is no transition.
    assertThat(store.waivers())
        .extracting(waiver -> waiver.evidence().failures())
        .containsExactly(3);
    clock.advance(Duration.ofSeconds(60));
    agent.settleIfDue();
    assertThat(host.writtenBefore).containsExactly(4);
  }

  @Test
  void whatTheHostAcceptsAfterAnUpgradeIsAskedAnew() {
    List<String> begun = new ArrayList<>();
    agent.startAnewThrough(() -> begun.add("anew"));
    around.offers = Map.of(Rung.LEGACY, Offer.widest(List.of(0x0303)));
    agent.reconcile();
    assertThat(begun).as("nobody changed anything").isEmpty();
    clock.advance(Duration.ofSeconds(60));
    around.changes.add(new OwnChanges.Change(NOW.plusSeconds(600), "a certificate expires"));
    agent.reconcile();
    assertThat(begun).as("not yet").isEmpty();
    around.changes.add(new OwnChanges.Change(NOW.plusSeconds(50), "openssl was upgraded"));
    agent.reconcile();
    assertThat(begun).containsExactly("anew");
  }

  @Test
  void aChangeThatChangesNothingAboutTlsIsLeftAlone() {
    List<String> begun = new ArrayList<>();
    agent.startAnewThrough(() -> begun.add("anew"));
    clock.advance(Duration.ofSeconds(60));
    around.changes.add(new OwnChanges.Change(NOW.plusSeconds(50), "main.cf was changed"));
    agent.reconcile();
    around.offers = Map.of();
    around.changes.add(new OwnChanges.Change(NOW.plusSeconds(90), "openssl is being upgraded"));
    clock.advance(Duration.ofSeconds(40));
    agent.reconcile();
    assertThat(begun).isEmpty();
  }

  @Test
  void muchEvidenceDoesNotWaitInMemory() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      read(failure("10:00:00"));
    }
    assertThat(failures()).hasSizeGreaterThan(900);
  }

  /** As Prometheus sees them. */
  private String gaps() throws IOException {
    try (StatusServer server =
        new StatusServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            metrics,
            agent.board(),
            () -> true,
            clock)) {
      URL url = new URL("http://127.0.0.1:" + server.port() + "/metrics");
      try (InputStream page = url.openStream()) {
        return new String(page.readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.startsWith("tlswaiver_log_gaps_total") && !line.endsWith(" 0.0"))
            .toList()
            .toString();
      }
    }
  }

  @Test
  void whatTheLoggerLeftOutIsCountedAsMissing() throws Exception {
    read(
        "Mar  1 10:00:00 mx postfix/smtpd[31]: connect from a.example[192.0.2.1]",
        "Mar  1 10:00:00 mx last message repeated 2 times",
        "Mar  1 10:00:01 mx postfix/smtpd[31]: message repeated 3 times: [ disconnect from a]",
        "Mar  1 10:00:02 mx systemd-journald[9]: Suppressed 12 messages from postfix@-.service",
        "Mar  1 10:00:02 mx systemd-journald[9]: Suppressed 12 messages from ssh.service");
    assertThat(gaps()).isEqualTo("[tlswaiver_log_gaps_total{kind=\"suppressed\"} 3.0]");
  }
}
