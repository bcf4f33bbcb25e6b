package dev.tlswaiver.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.tlswaiver.handshake.Notes;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Pool;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LastSeenTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private final LastSeen seen = Memories.of(1_000);

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
  void theNumbersOfOldReleasesStayTheSame() {
    // The test vectors of FNV-1a, 64 bits.
    assertThat(KeyedHash.oldNumber("")).isEqualTo(0xcbf29ce484222325L);
    assertThat(KeyedHash.oldNumber("a")).isEqualTo(0xaf63dc4c8601ec8cL);
    assertThat(KeyedHash.oldNumber("foobar")).isEqualTo(0x85944171f73967e8L);
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

  private static Pool pool(String id) {
    return new Pool(id);
  }

  private void crowd(int count, Instant at) {
    for (int i = 0; i < count; i++) {
      seen.see("stranger" + i + "-" + at, at);
      assertThat(seen.size()).isLessThanOrEqualTo(1_000);
    }
  }

  @Test
  void aCrowdPushesOutNobodyWhoGaveMailOrWasSeenOnTwoDays() {
    seen.hold("mails.example", NOON);
    seen.see("often.example", NOON.minus(Duration.ofDays(1)));
    seen.see("often.example", NOON);
    seen.see("midnight.example", Instant.parse("2026-02-28T23:59:00Z"));
    seen.see("midnight.example", Instant.parse("2026-03-01T00:01:00Z"));
    assertThat(seen.isHeld(pool("midnight.example"))).isFalse();
    crowd(20_000, NOON.plus(Duration.ofHours(2)));
    assertThat(seen.find("mails.example")).contains(NOON);
    assertThat(seen.find("often.example")).contains(NOON);
    assertThat(seen.find("midnight.example")).isEmpty();
  }

  @Test
  void thoseThatAreHeldLeaveAQuarterToNewcomers() {
    for (int i = 0; i < 5_000; i++) {
      seen.hold("s" + i, NOON.plus(Duration.ofMinutes(i)));
      assertThat(seen.size()).isLessThanOrEqualTo(750);
    }
    assertThat(seen.find("s4999")).isPresent();
    assertThat(seen.loss().orElseThrow().isOfHeld()).isTrue();
    seen.see("newcomer", NOON.plus(Duration.ofDays(4)));
    assertThat(seen.find("newcomer")).isPresent();
  }

  @Test
  void whatWasPushedOutSinceWhenIsKnownAfterARestartToo() {
    Notes notes = new Notes();
    LastSeen flooded = Memories.of(1_000, notes);
    for (int i = 0; i < 1_000; i++) {
      flooded.see("s" + i, NOON.plus(Duration.ofMinutes(i)));
    }
    assertThat(flooded.loss()).isEmpty();
    Instant then = NOON.plus(Duration.ofMinutes(1_000));
    flooded.see("one more", then);
    LastSeen.Loss loss = flooded.loss().orElseThrow();
    assertThat(loss)
        .isEqualTo(new LastSeen.Loss(then, NOON.plus(Duration.ofMinutes(499)), 500, false));
    LastSeen restarted = Memories.of(1_000);
    notes.drain().forEach((label, text) -> restarted.restoreLoss(text.orElseThrow()));
    assertThat(restarted.loss()).contains(loss);
    assertThat(restarted.lossSince(loss.latest())).contains(loss);
    assertThat(restarted.lossSince(loss.latest().plusSeconds(1))).isEmpty();
  }

  @Test
  void whatIsOlderThanTheMemoryReachesGoesFirstAndIsNoLoss() {
    for (int i = 0; i < 900; i++) {
      seen.see("old" + i, NOON);
    }
    for (int i = 0; i < 900; i++) {
      seen.see("new" + i, NOON.plus(Duration.ofDays(31)));
    }
    assertThat(seen.loss()).isEmpty();
    assertThat(seen.find("old7")).isEmpty();
    assertThat(seen.find("new0")).isPresent();
  }

  @Test
  void anIpv6AddressIsItsNetwork() {
    seen.see(pool("2001:db8:7:7::1"), NOON);
    assertThat(seen.find(IpAddress.parse("2001:db8:7:7:8::9"))).contains(NOON);
    assertThat(seen.find(IpAddress.parse("2001:db8:7:8::1"))).isEmpty();
    assertThat(seen.find(pool("2001:db8:7:7::/64"))).contains(NOON);
    assertThat(seen.find(IpAddress.parse("192.0.2.1"))).isEmpty();
  }

  @Test
  void whatAnEarlierReleaseNumberedIsFoundAndPassedOn() {
    LastSeen upgraded = Memories.of(1_000);
    upgraded.knowOldNumbers();
    long old = Memories.HASH.numberOfOld(KeyedHash.oldNumber("a.example"));
    upgraded.restore(new LastSeen.Entry(old, NOON, NOON, true));
    assertThat(upgraded.find("a.example")).contains(NOON);
    List<LastSeen.Entry> written = new ArrayList<>();
    upgraded.writeThrough(written::add);
    Instant later = NOON.plus(Duration.ofDays(2));
    upgraded.see("a.example", later);
    assertThat(written)
        .containsExactly(new LastSeen.Entry(Memories.HASH.number("a.example"), NOON, later, true));
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
  void aCrowdWithinOneMinuteLeavesNoCrowdedEndOfTheTable() {
    LastSeen large = Memories.of(100_000);
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          for (int i = 0; i < 1_000_000; i++) {
            large.see("h" + i, NOON);
          }
        });
    assertThat(large.size()).isBetween(40_000, 100_000);
  }

  @Test
  void itRemembersAsAMapDoes() {
    Random random = new Random(3);
    LastSeen roomy = Memories.of(100_000);
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
    LastSeen large = Memories.of(400_000);
    for (int i = 0; i < 400_000; i++) {
      large.see("host" + i + ".example", NOON.plusSeconds(i));
    }
    assertThat(large.size()).isEqualTo(400_000);
    assertThat(bytes(large)).isLessThan(10_000_000L);
  }
}
