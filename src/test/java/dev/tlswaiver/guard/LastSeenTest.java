package dev.tlswaiver.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LastSeenTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private final LastSeen seen = new LastSeen(1_000);

  @Test
  void whatWasSeenIsKnownToTheMinute() {
    seen.see("a.example", NOON.plusSeconds(59));
    assertThat(seen.find("a.example")).contains(NOON);
    assertThat(seen.find("b.example")).isEmpty();
    assertThat(seen.since("a.example", NOON)).isTrue();
    assertThat(seen.since("a.example", NOON.plusSeconds(1))).isFalse();
  }

  @Test
  void anEarlierTimeChangesNothing() {
    seen.see("a.example", NOON);
    seen.see("a.example", NOON.minusSeconds(3_600));
    assertThat(seen.find("a.example")).contains(NOON);
    seen.see("a.example", NOON.plusSeconds(3_600));
    assertThat(seen.find("a.example")).contains(NOON.plusSeconds(3_600));
    assertThat(seen.size()).isEqualTo(1);
  }

  @Test
  void timesBeforeTheEpochAreTakenForItsBeginning() {
    seen.see("a.example", Instant.MIN);
    assertThat(seen.find("a.example")).contains(Instant.ofEpochSecond(60));
  }

  @Test
  void theNumberOfATextStaysTheSameFromReleaseToRelease() {
    // The test vectors of FNV-1a, 64 bits.
    assertThat(LastSeen.number("")).isEqualTo(0xcbf29ce484222325L);
    assertThat(LastSeen.number("a")).isEqualTo(0xaf63dc4c8601ec8cL);
    assertThat(LastSeen.number("foobar")).isEqualTo(0x85944171f73967e8L);
  }

  @Test
  void theHalfThatWasNotSeenForLongestIsEvicted() {
    for (int i = 0; i < 1_001; i++) {
      seen.see("h" + i, NOON.plus(Duration.ofMinutes(i)));
    }
    assertThat(seen.size()).isBetween(450, 550);
    assertThat(seen.find("h1000")).isPresent();
    assertThat(seen.find("h600")).isPresent();
    assertThat(seen.find("h400")).isEmpty();
    assertThat(seen.find("h0")).isEmpty();
  }

  @Test
  void whoComesAgainStays() {
    for (int i = 0; i < 20_000; i++) {
      seen.see("h" + i, NOON.plus(Duration.ofMinutes(i)));
      seen.see("regular", NOON.plus(Duration.ofMinutes(i)));
      assertThat(seen.size()).isLessThanOrEqualTo(1_000);
    }
    assertThat(seen.find("regular")).contains(NOON.plus(Duration.ofMinutes(19_999)));
  }

  @Test
  void aCrowdWithinOneMinuteDoesNotBreakTheBound() {
    for (int i = 0; i < 5_000; i++) {
      seen.see("h" + i, NOON);
      assertThat(seen.size()).isLessThanOrEqualTo(1_000);
    }
    assertThat(seen.find("h4999")).contains(NOON);
  }

  @Test
  void itRemembersAsAMapDoes() {
    Random random = new Random(3);
    LastSeen roomy = new LastSeen(100_000);
    Map<String, Instant> model = new HashMap<>();
    for (int i = 0; i < 200_000; i++) {
      String text = "h" + random.nextInt(50_000);
      Instant at = NOON.plus(Duration.ofMinutes(random.nextInt(10_000)));
      roomy.see(text, at);
      model.merge(text, at, (a, b) -> a.isAfter(b) ? a : b);
    }
    assertThat(roomy.size()).isEqualTo(model.size());
    model.forEach((text, at) -> assertThat(roomy.find(text)).contains(at));
  }

  /** What its arrays hold; the rest is a header. */
  private static long bytes(LastSeen memory) throws Exception {
    long sum = 0;
    for (Field field : LastSeen.class.getDeclaredFields()) {
      if (field.getType().isArray()) {
        field.setAccessible(true);
        int length = Array.getLength(field.get(memory));
        sum += (long) length * (field.getType() == long[].class ? Long.BYTES : Integer.BYTES);
      }
    }
    return sum;
  }

  @Test
  void fourHundredThousandCostLessThanTenMegabytes() throws Exception {
    LastSeen large = new LastSeen(400_000);
    for (int i = 0; i < 400_000; i++) {
      large.see("host" + i + ".example", NOON.plusSeconds(i));
    }
    assertThat(large.size()).isEqualTo(400_000);
    assertThat(bytes(large)).isLessThan(10_000_000L);
  }
}
