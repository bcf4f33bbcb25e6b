package dev.tlswaiver.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.actuator.Actuator;
import dev.tlswaiver.actuator.Component;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.actuator.postfix.Capabilities;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.config.ConfigurationReader;
import dev.tlswaiver.control.Reply;
import dev.tlswaiver.control.Request;
import dev.tlswaiver.control.StartException;
import dev.tlswaiver.hand.HandHere;
import dev.tlswaiver.hand.NoSight;
import dev.tlswaiver.house.ManualClock;
import dev.tlswaiver.judge.Surroundings;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.report.Letter;
import dev.tlswaiver.report.Story;
import dev.tlswaiver.source.Cursor;
import dev.tlswaiver.source.LogLine;
import dev.tlswaiver.status.Metrics;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Rung;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the operator's commands do to an agent: a real one, on a host that takes every plan. */
final class AgentCommandsTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final String OLD = "mta1.oldbank.example[198.51.100.10]";

  @TempDir Path folder;

  /** Takes every plan, unless it is told not to. */
  private static final class Host implements Actuator {
    private List<Grant> grants = List.of();
    private Optional<String> refusal = Optional.empty();

    @Override
    public void keep() {}

    @Override
    public void prepare() {}

    @Override
    public Plan plan(Collection<Grant> wanted, Instant now) throws HostException {
      if (refusal.isPresent()) {
        throw new HostException(refusal.get());
      }
      grants = List.copyOf(wanted);
      return new Plan() {
        @Override
        public boolean isEmpty() {
          return true;
        }

        @Override
        public boolean isStep() {
          return false;
        }

        @Override
        public Set<Component> components() {
          return Set.of();
        }

        @Override
        public String render() {
          return "";
        }
      };
    }

    @Override
    public Staged stage(Plan plan) {
      throw new IllegalStateException("an empty plan needs no staging");
    }

    @Override
    public Optional<String> recover() {
      return Optional.empty();
    }
  }

  private final Host host = new Host();
  private final ManualClock clock = new ManualClock(NOON);
  private Store store;
  private Agent agent;

  @BeforeEach
  void open() throws Exception {
    store = Store.open(folder);
    agent = agent(Mode.APPLY, "");
  }

  @AfterEach
  void close() throws Exception {
    store.close();
  }

  private Agent agent(Mode mode, String yaml) throws Exception {
    Configuration configuration =
        ConfigurationReader.parse(
            "test.yaml",
            "mode: "
                + (mode == Mode.WAIT ? "propose" : mode == Mode.APPLY ? "enforce" : "observe")
                + "\nstate_directory: "
                + folder
                + "\n"
                + yaml);
    return new Agent(
        configuration,
        mode,
        Optional.empty(),
        store,
        new HandHere(host, clock, new NoSight(), () -> Capabilities.UNKNOWN),
        new Surroundings(Map.of(), Map.of(), true, ZoneOffset.UTC),
        new Metrics(
            "1",
            List.of("no-shared-cipher", "old-protocol", "tls13-trouble"),
            List.of("plan"),
            List.of("observe"),
            List.of(),
            List.of()),
        clock,
        Lookout.NONE,
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
  }

  private void log(String... lines) throws Exception {
    for (String line : lines) {
      agent.line(
          new LogLine(clock.instant() + " mx postfix/" + line, clock.instant(), new Cursor("1")));
    }
  }

  private void fail(String peer) throws Exception {
    log(
        "smtpd[7]: connect from " + peer,
        "smtpd[7]: SSL_accept error from " + peer + ": -1",
        "smtpd[7]: warning: TLS library problem: error:0A000102:SSL routines::unsupported"
            + " protocol:x.c:1:",
        "smtpd[7]: lost connection after STARTTLS from " + peer,
        "smtpd[7]: disconnect from " + peer + " ehlo=1 starttls=0/1 commands=1/2");
  }

  private void succeed(String peer) throws Exception {
    log(
        "smtpd[8]: connect from " + peer,
        "smtpd[8]: Anonymous TLS connection established from "
            + peer
            + ": TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
        "smtpd[8]: disconnect from " + peer + " ehlo=2 starttls=1 quit=1 commands=4");
  }

  private void failThreeTimes(String peer) throws Exception {
    for (int i = 0; i < 3; i++) {
      clock.advance(Duration.ofMinutes(8));
      fail(peer);
    }
  }

  private Reply grant(String target, Rung rung, boolean isForced) throws Exception {
    return agent
        .desk()
        .grant(new Request.Grant(target, rung, Optional.empty(), "asked by phone", isForced));
  }

  private Story show(String target) throws Exception {
    List<Story> stories = agent.desk().show(target);
    assertThat(stories).hasSize(1);
    return stories.get(0);
  }

  @Test
  void anAddressIsGrantedAtOnce() throws Exception {
    Reply reply = grant("198.51.100.10", Rung.LEGACY, false);
    assertThat(reply.exit()).as(reply.text()).isZero();
    assertThat(reply.text()).contains("PROPOSED -> ACTIVE", "rung=legacy");
    assertThat(show("1").text()).contains("granted by the operator: asked by phone");
    assertThat(reply.warnings()).isEmpty();
    assertThat(host.grants)
        .singleElement()
        .satisfies(
            grant -> {
              assertThat(grant.networks()).hasToString("[198.51.100.10/32]");
              assertThat(grant.rung()).isEqualTo(Rung.LEGACY);
              assertThat(grant.until()).isEqualTo(NOON.plus(Duration.ofDays(7)));
            });
  }

  @Test
  void whatFailsFromAnAddressKeepsItsName() throws Exception {
    fail(OLD);
    assertThat(grant("198.51.100.10", Rung.LEGACY, false).text()).contains("pool=oldbank.example");
  }

  @Test
  void aDomainIsTheAddressesSeenFailing() throws Exception {
    assertThatThrownBy(() -> grant("oldbank.example", Rung.LEGACY, false))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("name an address or a prefix");
    fail(OLD);
    fail("mta2.oldbank.example[198.51.100.11]");
    assertThat(grant("mta2.oldbank.example", Rung.LEGACY, false).text())
        .contains("pool=oldbank.example", "networks=198.51.100.11/32");
    assertThat(grant("oldbank.example", Rung.CIPHERS, true).text())
        .contains("networks=198.51.100.10/31", "rung=ciphers");
    assertThat(agent.desk().list(true).waivers().get(0).state().name()).isEqualTo("REVOKED");
  }

  @Test
  void aPrefixIsGrantedAsItIs() throws Exception {
    fail(OLD);
    assertThat(grant("198.51.100.0/28", Rung.LEGACY, false).text())
        .contains("pool=oldbank.example", "networks=198.51.100.0/28");
    assertThat(grant("203.0.113.0/24", Rung.LEGACY, false).text()).contains("pool=203.0.113.0/24");
    log(
        "tlswaiver-legacy/smtpd[9]: connect from unknown[203.0.113.77]",
        "tlswaiver-legacy/smtpd[9]: Anonymous TLS connection established from"
            + " unknown[203.0.113.77]: TLSv1 with cipher AES128-SHA (128/128 bits)",
        "tlswaiver-legacy/smtpd[9]: 4F6D0629C: client=unknown[203.0.113.77]",
        "tlswaiver-legacy/smtpd[9]: disconnect from unknown[203.0.113.77] ehlo=2 starttls=1 mail=1"
            + " rcpt=1 data=1 quit=1 commands=7");
    assertThat(show("203.0.113.0/24").waiver().orElseThrow().state().name()).isEqualTo("PROVEN");
    assertThat(grant("192.0.0.0/20", Rung.LEGACY, true).exit()).isEqualTo(1);
  }

  @Test
  void whatTheOperatorNamedStaysWhenTheWaiverGrows() throws Exception {
    fail(OLD);
    grant("198.51.100.0/28", Rung.LEGACY, false);
    failThreeTimes("mta9.oldbank.example[203.0.113.9]");
    assertThat(show("oldbank.example").waiver().orElseThrow().networks())
        .hasToString("[198.51.100.0/28, 203.0.113.9/32]");
  }

  /** Rule e, and what the operator granted knowingly. */
  @Test
  void whatTheOperatorNamedStaysWhenAnAddressBesideItMeetsTheStrictTerms() throws Exception {
    fail(OLD);
    grant("198.51.100.0/28", Rung.LEGACY, false);
    failThreeTimes("mta9.oldbank.example[203.0.113.9]");
    clock.advance(Duration.ofMinutes(1));
    succeed("mta9.oldbank.example[203.0.113.9]");
    assertThat(show("oldbank.example").waiver().orElseThrow().networks())
        .hasToString("[198.51.100.0/28]");
  }

  @Test
  void anObjectionRefusesAndForceOverrulesIt() throws Exception {
    succeed(OLD);
    Reply refused = grant("198.51.100.10", Rung.LEGACY, false);
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.text()).contains("--force overrules");
    assertThat(refused.warnings())
        .singleElement()
        .asString()
        .startsWith("strong-tls-memory: 198.51.100.10 met the strict terms");
    assertThat(agent.desk().list(true).waivers()).isEmpty();
    Reply forced = grant("198.51.100.10", Rung.LEGACY, true);
    assertThat(forced.exit()).isZero();
    assertThat(forced.warnings()).isEqualTo(refused.warnings());
    assertThat(forced.text()).contains("PROPOSED -> ACTIVE");
  }

  @Test
  void whatWasForcedAgainstTheMemoryStaysWhenTheSenderShowsStrongTls() throws Exception {
    succeed(OLD);
    grant("198.51.100.10", Rung.LEGACY, true);
    succeed(OLD);
    assertThat(show("1").waiver().orElseThrow().state().name()).isEqualTo("ACTIVE");
    agent = agent(Mode.APPLY, "");
    assertThat(show("1").waiver().orElseThrow().needs()).containsValue(Rung.DIAGNOSE);
  }

  @Test
  void whatWasGrantedWithoutAnObjectionEndsWhenTheSenderShowsStrongTls() throws Exception {
    grant("198.51.100.10", Rung.LEGACY, false);
    clock.advance(Duration.ofMinutes(1));
    succeed(OLD);
    clock.advance(Duration.ofMinutes(1));
    agent.settleIfDue();
    assertThat(show("1").waiver().orElseThrow().state().name()).isEqualTo("INEFFECTIVE");
    assertThat(host.grants).isEmpty();
  }

  @Test
  void anApprovalHoldsForTheRenewalAndForNoOtherAddress() throws Exception {
    agent = agent(Mode.WAIT, DIRECTLY);
    failThreeTimes(OLD);
    assertThat(agent.desk().approve("1").text()).contains("PROPOSED -> ACTIVE");
    log(
        "tlswaiver-legacy/smtpd[9]: connect from " + OLD,
        "tlswaiver-legacy/smtpd[9]: Anonymous TLS connection established from "
            + OLD
            + ": TLSv1 with cipher AES128-SHA (128/128 bits)",
        "tlswaiver-legacy/smtpd[9]: 4F6D0629C: client=" + OLD);
    clock.advance(Duration.ofDays(8));
    agent.tick();
    // The agent that was told is gone; what it was told is not.
    agent = agent(Mode.WAIT, DIRECTLY);
    failThreeTimes(OLD);
    clock.advance(Duration.ofMinutes(1));
    agent.settleIfDue();
    assertThat(show("2").waiver().orElseThrow().state().name()).isEqualTo("ACTIVE");
    agent.desk().revoke("2");
    clock.advance(Duration.ofDays(1));
    failThreeTimes("mta.else.example[203.0.113.9]");
    clock.advance(Duration.ofMinutes(1));
    agent.settleIfDue();
    assertThat(show("3").waiver().orElseThrow().state().name()).isEqualTo("PROPOSED");
  }

  private static final String DIRECTLY =
      "ladder: [{rung: diagnose, enabled: false, port: 10124}]\n";

  @Test
  void someObjectionsStandAgainstForce() throws Exception {
    agent = agent(Mode.APPLY, "guards: {never: [198.51.100.7], most_waivers: 2}\n");
    assertThat(grant("198.51.100.7", Rung.LEGACY, true).text())
        .contains("never can't be overruled");
    assertThat(grant("198.51.100.0/29", Rung.LEGACY, true).text())
        .contains("never can't be overruled");
    assertThat(grant("10.0.0.0/24", Rung.LEGACY, true).warnings().get(0))
        .contains("10.0.0.0/24 holds private addresses");
    assertThat(grant("192.0.2.1", Rung.SSLV3, true).warnings().get(0)).contains("not enabled");
    grant("192.0.2.1", Rung.LEGACY, false);
    grant("192.0.2.2", Rung.LEGACY, false);
    assertThat(grant("192.0.2.3", Rung.LEGACY, true).warnings().get(0)).startsWith("bounds: ");
  }

  @Test
  void aTombstoneIsNoHindrance() throws Exception {
    grant("198.51.100.10", Rung.LEGACY, false);
    assertThat(agent.desk().revoke("198.51.100.10").text()).contains("ACTIVE -> REVOKED");
    assertThat(host.grants).isEmpty();
    assertThat(show("198.51.100.10").next()).contains("tlswaiver grant 198.51.100.10");
    assertThat(grant("198.51.100.10", Rung.LEGACY, false).text()).contains("PROPOSED -> ACTIVE");
  }

  @Test
  void oneAddressDoesNotStandOnTwoRungs() throws Exception {
    grant("198.51.100.10", Rung.LEGACY, false);
    assertThatThrownBy(() -> grant("198.51.100.10", Rung.CIPHERS, false))
        .hasMessageContaining("waiver 1 of 198.51.100.10 is ACTIVE on the rung legacy already");
    assertThat(grant("198.51.100.0/28", Rung.CIPHERS, true).exit()).isZero();
    assertThat(host.grants).hasSize(1);
  }

  @Test
  void diagnoseAsksFirst() throws Exception {
    assertThat(grant("198.51.100.10", Rung.DIAGNOSE, false).text())
        .contains("PROPOSED -> DIAGNOSING");
    assertThat(host.grants).singleElement().extracting(Grant::rung).isEqualTo(Rung.DIAGNOSE);
    assertThatThrownBy(() -> agent.desk().approve("1")).hasMessageContaining("DIAGNOSING already");
    assertThat(agent.desk().revoke("1").text()).contains("DIAGNOSING -> REFUSED");
    assertThat(host.grants).isEmpty();
    agent = agent(Mode.APPLY, "ladder: [{rung: diagnose, enabled: false, port: 10124}]\n");
    assertThatThrownBy(() -> grant("198.51.100.10", Rung.DIAGNOSE, false))
        .hasMessageContaining("diagnose is not enabled");
  }

  @Test
  void itIsNotLongerThanAllowedUnlessByForce() throws Exception {
    Request.Grant wish =
        new Request.Grant(
            "198.51.100.10", Rung.LEGACY, Optional.of(Duration.ofDays(90)), "", false);
    assertThatThrownBy(() -> agent.desk().grant(wish)).hasMessageContaining("waiver.longest");
    Reply reply =
        agent
            .desk()
            .grant(
                new Request.Grant(wish.target(), wish.rung(), wish.length(), wish.reason(), true));
    assertThat(reply.text()).contains("until=" + NOON.plus(Duration.ofDays(90)));
  }

  @Test
  void aHostThatRefusesIsAFailure() throws Exception {
    host.refusal = Optional.of("no Postfix here");
    Reply reply = grant("198.51.100.10", Rung.LEGACY, false);
    assertThat(reply.exit()).isEqualTo(1);
    assertThat(reply.text()).contains("PROPOSED -> FAILED", "no Postfix here");
  }

  @Test
  void inModeObserveItSaysWhatToSet() throws Exception {
    agent = agent(Mode.PRINT, "");
    failThreeTimes(OLD);
    assertThatThrownBy(() -> grant("198.51.100.10", Rung.LEGACY, true))
        .hasMessageContaining("set mode: propose or mode: enforce");
    assertThatThrownBy(() -> agent.desk().approve("1")).hasMessageContaining("mode is observe");
    assertThat(show("1").next()).contains("mode observe");
  }

  @Test
  void inModeProposeItWaitsForTheWord() throws Exception {
    agent = agent(Mode.WAIT, "");
    failThreeTimes(OLD);
    assertThat(show("oldbank.example").next()).contains("tlswaiver approve 1");
    assertThat(agent.desk().approve("oldbank.example").text()).contains("PROPOSED -> DIAGNOSING");
    assertThat(grant("192.0.2.1", Rung.LEGACY, false).text()).contains("PROPOSED -> ACTIVE");
    assertThatThrownBy(() -> agent.desk().approve("2")).hasMessageContaining("ACTIVE already");
    assertThatThrownBy(() -> agent.desk().approve("77")).hasMessageContaining("no waiver for 77");
    agent.desk().revoke("2");
    assertThatThrownBy(() -> agent.desk().revoke("2")).hasMessageContaining("is REVOKED already");
  }

  @Test
  void aPauseOutlivesARestartAndEndsByItself() throws Exception {
    assertThat(agent.desk().pause(Duration.ofHours(2)).text()).contains("2026-03-01T14:00:00Z");
    agent = agent(Mode.APPLY, "");
    failThreeTimes(OLD);
    assertThat(show("oldbank.example").waiver().orElseThrow().state().name()).isEqualTo("REFUSED");
    assertThat(show("oldbank.example").text()).contains("Paused until 2026-03-01T14:00:00Z");
    assertThat(agent.desk().list(false).text()).contains("Paused until 2026-03-01T14:00:00Z");
    clock.advance(Duration.ofHours(3));
    assertThat(show("oldbank.example").objections()).isEmpty();
    assertThat(agent.desk().list(false).text()).doesNotContain("Paused");
    fail(OLD);
    assertThat(show("oldbank.example").waiver().orElseThrow().state().name()).isEqualTo("PROPOSED");
  }

  @Test
  void aPauseCanBeShortenedAndEnded() throws Exception {
    agent.desk().pause(Duration.ofDays(2));
    agent.desk().pause(Duration.ofMinutes(10));
    assertThat(agent.desk().list(false).text()).contains("Paused until 2026-03-01T12:10:00Z");
    assertThat(agent.desk().resume().text())
        .contains("the pause until 2026-03-01T12:10:00Z has ended");
    assertThat(agent.desk().resume().text()).contains("nothing to resume");
    assertThat(store.pause()).isEmpty();
    assertThat(grant("198.51.100.10", Rung.LEGACY, false).exit()).isZero();
  }

  @Test
  void runningWaiversStayWhilePaused() throws Exception {
    grant("198.51.100.10", Rung.LEGACY, false);
    agent.desk().pause(Duration.ofHours(2));
    agent.tick();
    assertThat(agent.desk().list(false).waivers()).hasSize(1);
    assertThat(grant("192.0.2.9", Rung.LEGACY, false).warnings().get(0)).startsWith("paused: ");
    assertThat(grant("192.0.2.9", Rung.LEGACY, true).exit()).isZero();
  }

  @Test
  void showTellsOfASenderThatHasNoWaiverYet() throws Exception {
    fail(OLD);
    clock.advance(Duration.ofMinutes(3));
    fail("mta2.oldbank.example[198.51.100.11]");
    Story story = show("198.51.100.11");
    assertThat(story.pool().id()).isEqualTo("oldbank.example");
    assertThat(story.waiver()).isEmpty();
    assertThat(story.failureCount()).isEqualTo(2);
    assertThat(story.next())
        .isEqualTo(
            "One failure more makes a finding of rule old-protocol, once the first and the last are"
                + " 10m apart.");
    assertThat(story.text())
        .contains(
            "oldbank.example: no waiver",
            "2 of 3 failures",
            "mta2.oldbank.example[198.51.100.11]",
            "no mail accepted yet 10",
            "met the strict terms  never");
    assertThat(story.json().get("waiver").isJsonNull()).isTrue();
  }

  @Test
  void showSaysWhyNot() throws Exception {
    succeed(OLD);
    failThreeTimes(OLD);
    Story story = show(OLD.substring(0, OLD.indexOf('[')));
    assertThat(story.waiver().orElseThrow().state().name()).isEqualTo("REFUSED");
    assertThat(story.objections())
        .singleElement()
        .satisfies(
            objection -> assertThat(objection.guard()).isEqualTo(GuardName.STRONG_TLS_MEMORY));
    assertThat(story.text()).contains("198.51.100.10 did", "last at 2026-03-01T12:00:00Z");
    assertThat(story.next()).contains("strong-tls-memory would object now");
    assertThatThrownBy(() -> agent.desk().show("unheard.example"))
        .hasMessageContaining("nothing is known of unheard.example");
    assertThatThrownBy(() -> agent.desk().show("\u001b[2J"))
        .hasMessageContaining("nothing is known of ?[2J");
  }

  private void sixthSenderFails(Runnable meanwhile) throws Exception {
    succeed("mx.modern.example[192.0.2.1]");
    for (int i = 0; i < 5; i++) {
      // Known senders, of whose TLS nothing is known.
      log("smtpd[8]: 4F6D0629C: client=mx.company" + i + ".example[192." + (10 + i) + ".2.1]");
    }
    clock.advance(Duration.ofDays(1));
    for (int i = 0; i < 10; i++) {
      clock.advance(Duration.ofMinutes(4));
      fail("mx.company" + i % 5 + ".example[192." + (10 + i % 5) + ".2.1]");
    }
    meanwhile.run();
    clock.advance(Duration.ofHours(6));
    failThreeTimes(OLD);
  }

  @Test
  void aSenderIsJudgedAsIfNobodyHadAskedAboutTheOthers() throws Exception {
    sixthSenderFails(
        () -> {
          try {
            assertThat(show("company0.example").next()).contains("is-it-us would object now");
            show("company1.example");
          } catch (Exception failure) {
            throw new AssertionError(failure);
          }
        });
    assertThat(agent.desk().list(true).waivers())
        .singleElement()
        .satisfies(waiver -> assertThat(waiver.objections()).isEmpty());
  }

  @Test
  void anAddressWithTwoSendersShowsBoth() throws Exception {
    fail(OLD);
    fail("mx.other.example[198.51.100.10]");
    assertThat(agent.desk().show("198.51.100.10"))
        .extracting(story -> story.pool().id())
        .containsExactlyInAnyOrder("oldbank.example", "other.example");
  }

  @Test
  void theLetterSaysWhatToChangeAndNothingOfTheLogsWords() throws Exception {
    failThreeTimes(OLD);
    agent.settleIfDue();
    String letter =
        Letter.of(show("oldbank.example"), HostName.find("mx.us.example")).orElseThrow();
    assertThat(letter)
        .startsWith("Subject: TLS handshakes of oldbank.example with mx.us.example fail\n")
        .contains(
            "2026-03-01 12:08:00  198.51.100.10 (mta1.oldbank.example)",
            "OpenSSL error 0A000102",
            "Please enable TLS 1.2 or later",
            "RFC 8996",
            "There is no exception")
        .doesNotContain("@")
        .doesNotContain("x.c");
    assertThat(letter.lines()).allMatch(line -> line.length() <= 78);
    grant("oldbank.example", Rung.LEGACY, true);
    assertThat(Letter.of(show("oldbank.example"), Optional.empty()).orElseThrow())
        .contains("This exception ends on 2026-03-08 12:24:00 UTC");
  }
}
