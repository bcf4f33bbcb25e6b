package dev.tlswaiver.hand;

import static dev.tlswaiver.hand.Wishes.NOON;
import static dev.tlswaiver.hand.Wishes.WEEK;
import static dev.tlswaiver.hand.Wishes.grant;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.config.ConfigurationException;
import dev.tlswaiver.config.ConfigurationReader;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Rung;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LimitsTest {
  private static final String LIMITS =
      """
      guards: {most_waivers: 3, most_asked: 2, most_addresses: 8, never: [198.51.100.0/24]}
      waiver: {lasts: 7d, longest: 30d}
      pools: [{domain: farm.example, networks: [203.0.113.0/25]}]
      """;

  private final List<Permit> permits = new ArrayList<>();

  private static Configuration configuration(String yaml) {
    try {
      return ConfigurationReader.parse("test", yaml);
    } catch (ConfigurationException wrong) {
      throw new AssertionError(wrong);
    }
  }

  private Limits.Judged judge(String yaml, Set<Long> before, Grant... grants) {
    return new Limits(configuration(yaml), permits, NOON).judge(List.of(grants), before);
  }

  private String refusal(String yaml, Grant grant) {
    return judge(yaml, Set.of(), grant).refused().getOrDefault(grant.waiver(), "");
  }

  private void permit(String network, Duration length) {
    permits.add(new Permit(IpPrefix.parse(network), NOON.plus(length), NOON, false));
  }

  @Test
  void singleAddressesOnAnEnabledRungAreAdmitted() {
    assertThat(refusal(LIMITS, grant(1, "192.0.2.1", "192.0.2.2", "2001:db8::1"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.0/24, more than 8 addresses",
    "2001:db8::/64, more than 8 addresses",
    "0.0.0.0/0, in guards.never",
    "198.51.100.7, in guards.never",
    "198.51.0.0/16, in guards.never",
    "10.1.2.3, private",
    "127.0.0.1, private",
    "203.0.113.0/24, more than 8 addresses",
    "::/0, private",
    "::ffff:198.51.100.7, in guards.never"
  })
  void whatNobodyNamedIsRefused(String network, String why) {
    assertThat(refusal(LIMITS, grant(1, network))).contains(why);
  }

  @Test
  void addressesAreCountedHoweverTheyAreWritten() {
    String[] nine = IntStream.range(0, 9).mapToObj(i -> "192.0.2." + i).toArray(String[]::new);
    assertThat(grant(1, nine).networks()).hasSize(2);
    assertThat(refusal(LIMITS, grant(1, nine))).contains("more than 8 addresses");
    assertThat(refusal(LIMITS, grant(1, "192.0.2.0/29"))).isEmpty();
  }

  @Test
  void networksThatTheConfigurationNamesAreFree() {
    assertThat(refusal(LIMITS, grant(1, "203.0.113.0/25", "192.0.2.0/29"))).isEmpty();
    // A neighbour of a named network makes one prefix with it.
    assertThat(refusal(LIMITS, grant(1, "203.0.113.0/25", "203.0.113.128/29"))).isEmpty();
  }

  @Test
  void aDisabledRungIsRefused() {
    assertThat(refusal(LIMITS, grant(1, Rung.SSLV3, WEEK, "192.0.2.1")))
        .isEqualTo("the rung sslv3 is not enabled");
  }

  @Test
  void nothingLastsLongerThanTheLongestTime() {
    Grant late = grant(1, Rung.LEGACY, Duration.ofDays(31), "192.0.2.1");
    assertThat(refusal(LIMITS, late)).contains("waiver.longest");
    permit("192.0.2.1", Duration.ofDays(31));
    assertThat(refusal(LIMITS, late)).isEmpty();
    assertThat(refusal(LIMITS, grant(1, Rung.LEGACY, Duration.ofDays(32), "192.0.2.1")))
        .contains("waiver.longest");
  }

  @Test
  void whatRootPermittedIsFreeButForNever() {
    permit("192.0.0.0/16", WEEK);
    permit("198.51.100.0/24", WEEK);
    assertThat(refusal(LIMITS, grant(1, "192.0.2.0/24"))).isEmpty();
    assertThat(refusal(LIMITS, grant(1, "198.51.100.0/24"))).contains("guards.never");
  }

  @Test
  void noPermitIsRenewedForEver() {
    permit("192.0.2.0/24", Duration.ofDays(-31));
    assertThat(refusal(LIMITS, grant(1, Rung.LEGACY, Duration.ofMinutes(5), "192.0.2.0/24")))
        .contains("root may grant");
  }

  @Test
  void aWaiverForNobodyIsRefused() {
    assertThat(refusal(LIMITS, grant(1, Rung.LEGACY, Duration.ofDays(10_000)))).isNotEmpty();
  }

  @Test
  void onlyWhoIsListedIsAdmittedWhereOnlyPrefixesAreListed() {
    String only = "guards: {only: [192.0.2.0/24]}";
    assertThat(refusal(only, grant(1, "192.0.2.1"))).isEmpty();
    assertThat(refusal(only, grant(1, "203.0.113.1"))).contains("guards.only");
    // Whether it is of that domain the hand can't tell.
    assertThat(refusal("guards: {only: [192.0.2.0/24, bank.example]}", grant(1, "203.0.113.1")))
        .isEmpty();
  }

  @Test
  void whoWasThereBeforeHasAPlaceFirst() {
    Grant[] five =
        LongStream.rangeClosed(1, 5)
            .mapToObj(id -> grant(id, "192.0.2." + id))
            .toArray(Grant[]::new);
    Limits.Judged judged = judge(LIMITS, Set.of(4L, 5L), five);
    assertThat(judged.admitted()).extracting(Grant::waiver).containsExactly(4L, 5L, 1L);
    assertThat(judged.refused()).containsOnlyKeys(2L, 3L);
    assertThat(judged.refused().get(2L)).contains("guards.most_waivers");
  }

  @Test
  void thoseThatAreAskedHavePlacesOfTheirOwn() {
    Grant[] three =
        LongStream.rangeClosed(1, 3)
            .mapToObj(id -> grant(id, Rung.DIAGNOSE, WEEK, "192.0.2." + id))
            .toArray(Grant[]::new);
    assertThat(judge(LIMITS, Set.of(), three).refused()).containsOnlyKeys(3L);
  }

  @Test
  void oneWaiverHasOneRung() {
    Limits.Judged judged = judge(LIMITS, Set.of(), grant(1, "192.0.2.1"), grant(1, "192.0.2.2"));
    assertThat(judged.admitted()).hasSize(1);
    assertThat(judged.refused()).containsOnlyKeys(1L);
  }

  /** Rule of the table of trust: whatever is asked, what comes out is within the limits. */
  @Property
  void whateverIsAskedNoMoreThanTheLimitsComesOut(
      @ForAll @Size(12) List<Rung> rungs,
      @ForAll @Size(max = 12) List<@IntRange(max = 1 << 12) Integer> seeds) {
    List<Grant> wishes = new ArrayList<>();
    for (int i = 0; i < seeds.size(); i++) {
      int seed = seeds.get(i);
      wishes.add(
          grant(
              i % 7,
              rungs.get(i),
              Duration.ofDays(seed % 60),
              IpPrefix.parse("192.0.2." + seed % 256)
                  .network()
                  .network(20 + seed % 13)
                  .toString()));
    }
    List<Grant> admitted =
        new Limits(configuration(LIMITS), List.of(), NOON).judge(wishes, Set.of()).admitted();
    assertThat(admitted.stream().filter(grant -> grant.rung() == Rung.DIAGNOSE))
        .hasSizeLessThanOrEqualTo(2);
    assertThat(admitted.stream().filter(grant -> grant.rung() != Rung.DIAGNOSE))
        .hasSizeLessThanOrEqualTo(3);
    assertThat(admitted)
        .allSatisfy(
            grant -> {
              assertThat(grant.rung()).isNotIn(Rung.SSLV3, Rung.PLAINTEXT);
              assertThat(grant.until())
                  .isBeforeOrEqualTo(NOON.plus(Duration.ofDays(30)).plusSeconds(60));
              assertThat(grant.networks()).allMatch(network -> network.length() >= 29);
            });
  }
}
