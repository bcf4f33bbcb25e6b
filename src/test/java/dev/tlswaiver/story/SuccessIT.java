package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rule e, success outweighs failure: on a real Postfix, against somebody who forges failures. */
final class SuccessIT {

  private static boolean isRedirected(Lab lab, String address) {
    return lab.onHost("nft", "list", "ruleset").contains(address);
  }

  @Test
  void aForgedFailureGivesNothingBackOnceTheSenderWasSeenStrong() throws Exception {
    try (Lab lab = Lab.up()) {
      Lab.HostState before = lab.hostState();
      RunningTlswaiver agent = lab.run(lab.configure(Lab.ASKING)).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> DIAGNOSING");
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      agent.await("DIAGNOSING -> ACTIVE");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      agent.await("ACTIVE -> PROVEN");
      assertThat(lab.send(Lab.OLD, "modern")).isPresent();
      agent.await("PROVEN -> EXPIRED .*meets the strict terms now \\(TLSv1.3");
      Lab.await("no trace", () -> lab.isAsBefore(before));
      // Somebody on the way cuts in: once, and then as often as a rule asks for.
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("waiver 2 REFUSED .*guard=strong-tls-memory");
      agent.await("alarm strong-tls-memory pool=oldbank.example");
      assertThat(agent.output()).doesNotContain("waiver 2 PROPOSED");
      assertThat(lab.hostState()).isEqualTo(before);
    }
  }

  @Test
  void aRenewalIsAskedAnew() throws Exception {
    try (Lab lab = Lab.up()) {
      Lab.HostState before = lab.hostState();
      RunningTlswaiver agent =
          lab.run(
                  lab.configure(
                      Lab.ASKING, "waiver: {lasts: 20s, longest: 30d, prove_within: 48h}"))
              .awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("waiver 1 PROPOSED -> DIAGNOSING");
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      agent.await("waiver 1 DIAGNOSING -> ACTIVE");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      agent.await("waiver 1 ACTIVE -> PROVEN");
      agent.await("waiver 1 PROVEN -> EXPIRED .*its time is over");
      Lab.await("no trace", () -> lab.isAsBefore(before));
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("waiver 2 PROPOSED -> DIAGNOSING");
      // Nothing is relaxed before it has answered.
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      agent.await("waiver 2 DIAGNOSING -> ACTIVE .*rung=legacy");
    }
  }

  @Test
  void oneSuccessTakesTheRedirectOfItsAddressBeforeAnyMailAndWhateverTheOthersDo()
      throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("waiver 1 PROPOSED -> ACTIVE");
      assertThat(lab.send(Lab.OLD_TOO, "tls1")).isEmpty();
      Lab.await(
          "the second host",
          () ->
              Stream.of("198.51.100.0/24", "198.51.100.10/31", "198.51.100.11")
                  .anyMatch(both -> isRedirected(lab, both)));
      // Its handshake is strict; what it says then does not matter.
      lab.send(Lab.OLD, "modern", "--to", "somebody@elsewhere.example");
      Lab.await(
          "the end of its redirect",
          () ->
              !isRedirected(lab, "198.51.100.10")
                  && !isRedirected(lab, "198.51.100.0/24")
                  && isRedirected(lab, "198.51.100.11"));
      assertThat(agent.output()).doesNotContain("PROVEN");
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      assertThat(lab.send(Lab.OLD_TOO, "tls1")).isPresent();
      agent.await("waiver 1 ACTIVE -> PROVEN .*networks=198.51.100.11/32");
    }
  }

  @Test
  void whatTheOperatorGrantedKnowinglyStaysAndIsSaidOnce() throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      assertThat(lab.send(Lab.OLD, "modern")).isPresent();
      Pattern completed =
          Pattern.compile(
              "tlswaiver_handshakes_total\\{outcome=\"completed\",service=\"public\"} [1-9]");
      Lab.await("its handshake", () -> completed.matcher(lab.get("/metrics")).find());
      assertThat(lab.tlswaiver(lab.configuration(), "grant", "198.51.100.10", "--rung", "legacy"))
          .extracting(Lab.CommandResult::exit)
          .isEqualTo(1);
      assertThat(
              lab.tlswaiver(
                      lab.configuration(), "grant", "198.51.100.10", "--rung", "legacy", "--force")
                  .exit())
          .isZero();
      agent.await("waiver 1 PROPOSED -> ACTIVE");
      assertThat(lab.send(Lab.OLD, "modern")).isPresent();
      agent.await("198.51.100.10 meets the strict terms now, and stays since you granted it");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      assertThat(lab.send(Lab.OLD, "modern")).isPresent();
      Lab.await(
          "the count",
          () -> lab.get("/metrics").contains("tlswaiver_strict_successes_kept_total 2.0"));
      assertThat(agent.output().split("and stays since you granted it")).hasSize(2);
    }
  }
}
