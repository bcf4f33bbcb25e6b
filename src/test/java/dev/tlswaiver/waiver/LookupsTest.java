package dev.tlswaiver.waiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.handshake.Observation.Neighbours;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.Lookups.Question;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class LookupsTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final Pool POOL = new Pool("farm.example");

  private final Ledger ledger = new Ledger(List.of());
  private final Lookups lookups = new Lookups(ledger, 4);

  private Waiver waiver(String pool, String rule, Instant at, String... addresses) {
    List<IpAddress> list = Arrays.stream(addresses).map(IpAddress::parse).toList();
    Waiver waiver =
        Waiver.propose(
            ledger.nextId(),
            new Pool(pool),
            list,
            list.stream().map(IpAddress::toPrefix).toList(),
            Rung.LEGACY,
            new Evidence(
                rule, Reason.UNSUPPORTED_PROTOCOL, Optional.empty(), 3, at, at, Optional.empty()),
            0);
    ledger.put(waiver);
    return waiver;
  }

  private Waiver waiver(String... addresses) {
    return waiver(POOL.id(), "old-protocol", NOON, addresses);
  }

  private static Question question(String block) {
    return new Question(POOL, IpPrefix.parse(block));
  }

  private void answer(Question question, Instant at, boolean isComplete) {
    lookups.observe(
        new Neighbours(Optional.of(at), question.pool(), question.block(), List.of(), isComplete));
  }

  @Test
  void eachBlockWithAnAddressThatFailedIsAskedOnceADay() {
    waiver("192.0.2.7", "192.0.2.9", "2001:db8::1:7");
    assertThat(lookups.next(NOON)).contains(question("192.0.2.0/24"));
    answer(question("192.0.2.0/24"), NOON, true);
    assertThat(lookups.next(NOON)).contains(question("2001:db8::1:0/120"));
    answer(question("2001:db8::1:0/120"), NOON.plusSeconds(5), true);
    assertThat(lookups.next(NOON.plus(Duration.ofHours(23)))).isEmpty();
    assertThat(lookups.next(NOON.plus(Duration.ofHours(24)))).contains(question("192.0.2.0/24"));
  }

  @Test
  void whereNobodyAnsweredItIsAskedAgainSoonAndNotAtOnce() {
    waiver("192.0.2.7");
    answer(question("192.0.2.0/24"), NOON, false);
    assertThat(lookups.next(NOON.plus(Duration.ofMinutes(9)))).isEmpty();
    assertThat(lookups.next(NOON.plus(Duration.ofMinutes(10)))).isPresent();
  }

  @Test
  void thePoolsNextWaiverIsAskedForAnew() {
    answer(question("192.0.2.0/24"), NOON, true);
    waiver(POOL.id(), "old-protocol", NOON.plus(Duration.ofHours(2)), "192.0.2.7");
    assertThat(lookups.next(NOON.plus(Duration.ofHours(2)))).isPresent();
  }

  @Test
  void aLogFromTheFutureIsNotAskedAboutEachSecond() {
    answer(question("192.0.2.0/24"), NOON, true);
    waiver(POOL.id(), "old-protocol", NOON.plus(Duration.ofHours(2)), "192.0.2.7");
    assertThat(lookups.next(NOON.plusSeconds(1))).isEmpty();
  }

  /** Rule b. */
  @Test
  void noMoreIsAskedInADayThanAResolverBears() {
    Lookups many = new Lookups(ledger, 64);
    for (int i = 0; i < 20; i++) {
      String[] addresses = new String[60];
      int network = i;
      Arrays.setAll(addresses, n -> "198." + network + "." + n + ".7");
      waiver("farm" + i + ".example", "old-protocol", NOON, addresses);
    }
    int asked = 0;
    for (Optional<Question> next = many.next(NOON); next.isPresent(); next = many.next(NOON)) {
      asked++;
      many.observe(
          new Neighbours(
              Optional.of(NOON), next.get().pool(), next.get().block(), List.of(), true));
    }
    assertThat(asked).isEqualTo(Lookups.MOST_BLOCKS);
  }

  /** A zone that answers slowly makes each of its blocks take minutes, and due again at once. */
  @Test
  void aStrangerWithManyBlocksDoesNotKeepOthersFromBeingAskedAbout() {
    Lookups many = new Lookups(ledger, 64);
    String[] slow = new String[20];
    Arrays.setAll(slow, n -> "2001:db8::" + (n + 1) + ":7");
    waiver("slow.example", "old-protocol", NOON, slow);
    waiver("192.0.2.7");
    Instant now = NOON;
    boolean isAsked = false;
    for (int i = 0; i < 21; i++) {
      now = now.plus(Duration.ofMinutes(2));
      Question question = many.next(now).orElseThrow();
      isAsked |= question.equals(question("192.0.2.0/24"));
      many.observe(
          new Neighbours(Optional.of(now), question.pool(), question.block(), List.of(), false));
    }
    assertThat(isAsked).isTrue();
  }

  @Test
  void nobodyIsAskedAboutWhoHasNoNameWasGrantedIsFullOrHasEnded() {
    waiver("192.0.2.7", "old-protocol", NOON, "192.0.2.7");
    waiver("2001:db8::/64", "old-protocol", NOON, "2001:db8::1");
    waiver("granted.example", Life.OPERATOR, NOON, "198.51.100.7");
    waiver(
        "full.example", "old-protocol", NOON, "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4");
    ledger.put(
        waiver("ended.example", "old-protocol", NOON, "203.0.113.7")
            .become(State.REFUSED, NOON, "no"));
    assertThat(lookups.next(NOON)).isEmpty();
  }
}
