package dev.tlswaiver.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.dns.NeighbourLookup.Block;
import dev.tlswaiver.dns.NeighbourLookup.Found;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class NeighbourLookupTest {
  private static final Block FARM =
      new Block(new HostName("farm.example"), IpPrefix.parse("192.0.2.0/24"));

  /** What zones say, and for which addresses nobody answers. */
  private static final class Zones implements NameService {
    private final Map<IpAddress, List<HostName>> reverse = new HashMap<>();
    private final Map<HostName, List<IpAddress>> forward = new HashMap<>();
    private IpPrefix silent = IpPrefix.parse("203.0.113.0/24");
    private IpPrefix unreadable = IpPrefix.parse("203.0.113.0/24");
    private final List<String> asked = new ArrayList<>();

    Zones reverse(String address, String... names) {
      reverse.put(IpAddress.parse(address), Arrays.stream(names).map(HostName::new).toList());
      return this;
    }

    Zones forward(String name, String... addresses) {
      forward.put(new HostName(name), Arrays.stream(addresses).map(IpAddress::parse).toList());
      return this;
    }

    Zones host(String address, String name) {
      return reverse(address, name).forward(name, address);
    }

    @Override
    public List<HostName> names(IpAddress address) throws NoAnswerException {
      asked.add(address.toString());
      if (silent.contains(address)) {
        throw new NoAnswerException(address.toString(), new Exception("timed out"));
      }
      if (unreadable.contains(address)) {
        throw new IllegalStateException("the library fails on it");
      }
      return reverse.getOrDefault(address, List.of());
    }

    @Override
    public List<IpAddress> addresses(HostName name, boolean isIpv6) {
      asked.add(name.text());
      return forward.getOrDefault(name, List.of());
    }
  }

  private final Zones zones = new Zones();

  private Found lookUp(Duration longest) throws Exception {
    BlockingQueue<Found> found = new LinkedBlockingQueue<>();
    try (NeighbourLookup lookup = new NeighbourLookup(zones, Duration.ZERO, longest, found::add)) {
      assertThat(lookup.take(FARM)).isTrue();
      Found answer = found.poll(30, TimeUnit.SECONDS);
      assertThat(answer).isNotNull();
      return answer;
    }
  }

  private Found lookUp() throws Exception {
    return lookUp(Duration.ofMinutes(1));
  }

  @Test
  void hostsAreThoseThatBothDirectionsName() throws Exception {
    zones
        .host("192.0.2.1", "out1.farm.example")
        .host("192.0.2.255", "out255.farm.example")
        // Whoever owns an address may call it as he likes.
        .reverse("192.0.2.7", "out7.farm.example")
        .forward("out7.farm.example", "198.51.100.7")
        .reverse("192.0.2.8", "out8.farm.example")
        // Whoever owns a domain may point its names anywhere.
        .forward("out9.farm.example", "192.0.2.9")
        .host("192.0.2.10", "vm10.stranger.example")
        .host("192.0.2.11", "out.notfarm.example")
        .reverse("192.0.2.12", "a.stranger.example", "out12.farm.example")
        .forward("out12.farm.example", "192.0.2.12");
    Found found = lookUp();
    assertThat(found.isComplete()).isTrue();
    assertThat(found.hosts())
        .extracting(Peer::toString)
        .containsExactly(
            "out1.farm.example[192.0.2.1]",
            "out12.farm.example[192.0.2.12]",
            "out255.farm.example[192.0.2.255]");
  }

  @Test
  void aBlockIsAtMost256QuestionsAndTwoForEachNameOfTheDomain() throws Exception {
    for (int i = 0; i < 256; i++) {
      String[] names = new String[40];
      Arrays.setAll(names, n -> "n" + n + ".farm.example");
      zones.reverse("192.0.2." + i, names);
    }
    assertThat(lookUp().hosts()).isEmpty();
    assertThat(zones.asked).hasSize(256 * 3);
  }

  @Test
  void aSilentResolverIsGivenUpAfterThreeQuestions() throws Exception {
    zones.silent = FARM.addresses();
    assertThat(lookUp().isComplete()).isFalse();
    assertThat(zones.asked).hasSize(3);
  }

  @Test
  void whatWasFoundBeforeTheSilenceIsKept() throws Exception {
    zones.host("192.0.2.1", "out1.farm.example").host("192.0.2.200", "out200.farm.example");
    zones.silent = IpPrefix.parse("192.0.2.64/31");
    Found found = lookUp();
    assertThat(found.isComplete()).isFalse();
    assertThat(found.hosts()).hasSize(2);
  }

  @Test
  void anAnswerThatCannotBeReadEndsNothing() throws Exception {
    zones.host("192.0.2.9", "out9.farm.example");
    zones.unreadable = IpPrefix.parse("192.0.2.6/31");
    Found found = lookUp();
    assertThat(found.isComplete()).isFalse();
    assertThat(found.hosts()).hasSize(1);
  }

  @Test
  void aSlowResolverIsGivenUpWhenItsTimeIsOver() throws Exception {
    assertThat(lookUp(Duration.ZERO).isComplete()).isFalse();
    assertThat(zones.asked).hasSizeLessThan(256);
  }

  @Test
  void nobodyWaitsForALookupAndOneAtATimeIsTaken() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    BlockingQueue<Found> found = new LinkedBlockingQueue<>();
    NameService slow =
        new NameService() {
          @Override
          public List<HostName> names(IpAddress address) throws NoAnswerException {
            asked.countDown();
            try {
              answer.await();
            } catch (InterruptedException closed) {
              throw new NoAnswerException(address.toString(), closed);
            }
            return List.of();
          }

          @Override
          public List<IpAddress> addresses(HostName name, boolean isIpv6) {
            return List.of();
          }
        };
    try (NeighbourLookup lookup =
        new NeighbourLookup(slow, Duration.ZERO, Duration.ofMinutes(1), found::add)) {
      assertThat(lookup.take(FARM)).isTrue();
      assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(lookup.take(FARM)).isTrue(); // Waits for its turn.
      assertThat(lookup.take(FARM)).isFalse();
      answer.countDown();
      assertThat(found.poll(30, TimeUnit.SECONDS)).isNotNull();
    }
  }

  @Test
  void addressesAreTurnedRound() {
    assertThat(JdkNames.reverse(IpAddress.parse("192.0.2.7"))).isEqualTo("7.2.0.192.in-addr.arpa");
    assertThat(JdkNames.reverse(IpAddress.parse("2001:db8::567:89ab")))
        .isEqualTo("b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
  }
}
