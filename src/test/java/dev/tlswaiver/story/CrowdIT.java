package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules d and g: a crowd of strangers on a real Postfix takes nothing from those who are known. */
final class CrowdIT {
  /** Bounds alone are to say no: whoever fails three times in a moment looks like a probe. */
  private static final String NO_PROBES = "guards: {probe_score: 101}";

  /** More than the memory has places for newcomers, of whom each takes two. */
  private static final int FLOOD = 210_000;

  private static List<String> addresses(String pattern, int count) {
    return IntStream.rangeClosed(1, count).mapToObj(pattern::formatted).toList();
  }

  private static void handshakeWithoutMail(Lab lab, String host) {
    assertThat(lab.send(host, "modern", "--to", "somebody@elsewhere.example")).isEmpty();
  }

  private static void failThreeTimes(Lab lab, List<String> addresses) {
    for (int i = 0; i < 3; i++) {
      assertThat(lab.visit("TLSv1", addresses)).isZero();
    }
  }

  // Rule g: a memory that was flushed says so.

  @Test
  void aCrowdOfOneNetworkPushesOutNobodyWhoGaveMailAndIsNotForgotten() throws Exception {
    try (Lab lab = Lab.up()) {
      String known = "2001:db8:7:1001::1";
      String unknown = "2001:db8:7:1002::1";
      lab.addHost(known, "mx.known.example");
      lab.addHost(unknown, "mx.unknown.example");
      List<String> crowd = addresses("2001:db8:7:%x::1", 40);
      lab.addAddresses(crowd);
      RunningTlswaiver agent = lab.run(lab.configure(NO_PROBES)).awaitStart();
      assertThat(lab.sendFrom(known, "mx.known.example", "--tls")).isTrue();
      assertThat(lab.visit("TLSv1.3", crowd)).isEqualTo(40);

      failThreeTimes(lab, List.of(known));
      agent.await("REFUSED pool=known.example .*guard=strong-tls-memory");
      failThreeTimes(lab, List.of(unknown));
      agent.await("REFUSED pool=unknown.example .*guard=memory-incomplete .*2001:db8:7::/48");
      // Others lose nothing.
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> ACTIVE pool=oldbank.example");
    }
  }

  /** Strangers that complete a handshake, each from another network. */
  private static Stream<String> flood() {
    return IntStream.range(0, FLOOD)
        .boxed()
        .flatMap(
            i -> {
              String tag = "postfix/smtpd[" + (10_000 + i % 20_000) + "]: ";
              String from =
                  " from unknown["
                      + ((i >> 16) + 60)
                      + "."
                      + (i >> 8 & 255)
                      + "."
                      + (i & 255)
                      + ".9]";
              return Stream.of(
                  tag + "connect" + from,
                  tag
                      + "Anonymous TLS connection established"
                      + from
                      + ": TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
                  tag + "disconnect" + from + " ehlo=2 starttls=1 quit=1 commands=4");
            });
  }

  @Test
  void noFloodPushesOutWhoGaveMailOrWasSeenStrongOnTwoDays() throws Exception {
    try (Lab lab = Lab.up()) {
      RedatedLog days = new RedatedLog(lab);
      RunningTlswaiver agent =
          lab.runAsPackaged(lab.configure(NO_PROBES, days.configuration())).awaitStart();
      assertThat(lab.send(Lab.MODERN, "modern")).isPresent();
      assertThat(lab.send(Lab.OLD, "plain")).isPresent();
      handshakeWithoutMail(lab, Lab.UNLISTED);
      handshakeWithoutMail(lab, Lab.STATIC_RSA);
      days.pass(4, Duration.ofHours(30));
      handshakeWithoutMail(lab, Lab.UNLISTED);
      days.pass(1, Duration.ofHours(3));
      days.write(flood(), Duration.ofHours(1));
      Stream.of(Lab.MODERN, Lab.UNLISTED, Lab.STATIC_RSA, Lab.OLD)
          .forEach(host -> lab.failThreeTimes(host, "tls1"));
      days.pass(12, Duration.ZERO);

      agent.await("REFUSED pool=modern.example .*guard=strong-tls-memory", Duration.ofMinutes(5));
      agent.await("REFUSED pool=elsewhere.example .*guard=strong-tls-memory");
      // Of whom nothing is known any more the operator decides, and of nobody else.
      agent.await("REFUSED pool=static-rsa.example .*guard=memory-incomplete .*were pushed out");
      agent.await("PROPOSED -> ACTIVE pool=oldbank.example");
      assertThat(lab.get("/metrics"))
          .containsPattern("tlswaiver_memory_pushed_out_total\\{memory=\"strong\"} [1-9]");
    }
  }

  // Places: rule d's other half, nobody uses up what others need.

  @Test
  void theAddressesOfOneNetworkDoNotTakeAllPlaces() throws Exception {
    try (Lab lab = Lab.up()) {
      List<String> oneMachine = addresses("2001:db8:7:7::%x", 55);
      List<String> oneSite = addresses("2001:db8:8:%x::1", 55);
      lab.addAddresses(oneMachine);
      lab.addAddresses(oneSite);
      RunningTlswaiver agent = lab.run(lab.configure(NO_PROBES)).awaitStart();
      assertThat(lab.send(Lab.OLD, "plain")).isPresent();

      // They are one sender, whose waiver may stand before the last of them has come again.
      for (int i = 0; i < 3; i++) {
        lab.visit("TLSv1", oneMachine);
      }
      failThreeTimes(lab, oneSite);
      agent.await(
          "REFUSED pool=2001:db8:8:37::/64 .*guard=bounds .*4 waivers in 2001:db8:8::/48 are as many");
      assertThat(list(lab)).hasSize(1 + 4);
      // Nor one after the other.
      for (String waiver : list(lab)) {
        lab.tlswaiver(lab.configuration(), "revoke", waiver.strip().split("\\s+")[0]);
      }
      assertThat(list(lab)).isEmpty();
      List<String> next = addresses("2001:db8:8:1%03x::1", 5);
      lab.addAddresses(next);
      failThreeTimes(lab, next);
      agent.await("REFUSED pool=2001:db8:8:1005::/64 .*guard=bounds .*within a day");
      assertThat(list(lab)).isEmpty();

      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> ACTIVE pool=oldbank.example");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      agent.await("ACTIVE -> PROVEN pool=oldbank.example");
    }
  }

  private static List<String> list(Lab lab) throws IOException {
    return lab.tlswaiver(lab.configuration(), "list").output().lines().skip(1).toList();
  }
}
