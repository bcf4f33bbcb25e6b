package dev.tlswaiver.status;

import static dev.tlswaiver.status.Situations.NOW;
import static dev.tlswaiver.status.Situations.handshake;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.handshake.Outcome;
import dev.tlswaiver.handshake.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TrendTest {
  private static final Outcome FAILED =
      new Outcome.Failed(Reason.NOT_TLS, java.util.Optional.empty(), "", false);

  private final Trend trend = new Trend(NOW);

  private Map<String, Long> hour(int back) {
    return trend.counts(NOW).hours().get(Trend.HOURS - 1 - back).failures();
  }

  private void failed(Instant at) {
    trend.observe(handshake(at, "smtpd", FAILED), NOW);
  }

  @Test
  void aFailureIsCountedInItsHour() {
    failed(NOW);
    failed(NOW.minus(Duration.ofHours(3)));
    failed(NOW.minus(Duration.ofHours(3)));
    assertThat(hour(0)).containsExactly(Map.entry("not-tls", 1L));
    assertThat(hour(3)).containsExactly(Map.entry("not-tls", 2L));
    assertThat(trend.counts(NOW).failures()).isEqualTo(3);
  }

  @Test
  void whatIsLongAgoIsForgotten() {
    for (int back = 200; back >= 0; back--) {
      failed(NOW.minus(Duration.ofHours(back)));
    }
    assertThat(trend.counts(NOW).failures()).isEqualTo(Trend.HOURS);
    assertThat(trend.counts(NOW.plus(Duration.ofDays(9))).failures()).isZero();
  }

  @Test
  void aLineFromTheFutureEvictsNothing() {
    failed(NOW);
    for (int ahead = 1; ahead < 100; ahead++) {
      failed(NOW.plus(Duration.ofDays(ahead)));
    }
    assertThat(hour(0)).containsExactly(Map.entry("not-tls", 100L));
  }

  @Test
  void submissionIsNobodyElsesMailSystem() {
    trend.observe(handshake(NOW, "submission/smtpd", FAILED), NOW);
    assertThat(trend.counts(NOW).failures()).isZero();
  }

  @Test
  void suitesAreBounded() {
    for (int i = 0; i < 1_000; i++) {
      trend.observe(
          handshake(NOW, "smtpd", new Outcome.Completed("TLSv1.2", "SUITE-" + i, 1)), NOW);
    }
    assertThat(trend.counts(NOW).uses()).hasSizeLessThan(110);
    assertThat(trend.counts(NOW).completed()).isEqualTo(1_000);
    assertThat(trend.counts(NOW).uses().get(0).suite().cipher()).isEqualTo("other");
  }

  @Test
  void whatNoLibraryIsCalledIsOther() {
    for (String said : List.of("mta1.oldbank.example", "198.51.100.10", "2001:DB8::1", "", "a b")) {
      assertThat(new Trend.Suite(true, said, said))
          .isEqualTo(new Trend.Suite(true, "other", "other"));
    }
    for (String cipher :
        List.of("TLS_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "DES-CBC3-SHA")) {
      assertThat(new Trend.Suite(true, "TLSv1.2", cipher).cipher()).isEqualTo(cipher);
    }
  }
}
