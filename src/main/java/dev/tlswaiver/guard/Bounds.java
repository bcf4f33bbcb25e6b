package dev.tlswaiver.guard;

import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Life;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Keeps the exceptions few and narrow, and lets nobody have all of them.
 *
 * <p>Those that are asked what they offer have places of their own, beside those of waivers; both
 * count at a time and within a day. Of either, peers without a verified name and without mail have
 * half, and all who gave no mail three quarters: strangers come in any number, and leave the rest
 * to those who are known. Each shares a few places with its network, too: four times as many where
 * it has a name; and as many again are for those there who gave mail, which is no proof of more
 * than one customer.
 *
 * <p>The operator's own grants count in all, and meet no other bound than that and the width.
 */
public final class Bounds implements Guard {
  private static final Duration DAY = Duration.ofDays(1);

  /** What one customer has, of IPv4 a little more. */
  private static final int IPV4_LENGTH = 24;

  private static final int IPV6_LENGTH = 48;

  /**
   * Whoever has one /48 can often have more in the same /32; strangers there have two /48s' due.
   */
  private static final int PROVIDER_LENGTH = 32;

  private static final int SITES_OF_A_PROVIDER = 2;

  /** A hoster has many customers in a /24; and a name of its own, or mail, is worth something. */
  private static final int KNOWN_FOR_ONE_WITHOUT = 4;

  /**
   * The configuration's numbers.
   *
   * @param waivers in all
   * @param addresses in each waiver
   * @param asked in all, of those that are asked what they offer
   * @param inIpv4Network waivers in a /24
   * @param inIpv6Network waivers in a /48
   */
  public record Most(int waivers, int addresses, int asked, int inIpv4Network, int inIpv6Network) {}

  /** How well a pool is known, the best first. */
  private enum Standing {
    MAIL("", 1, 1),
    NAME("for senders that gave no mail ", 3, 4),
    STRANGER("for peers without a name and without mail ", 1, 2);

    private final String words;
    private final int part;
    private final int of;

    Standing(String words, int part, int of) {
      this.words = words;
      this.part = part;
      this.of = of;
    }

    /** How many of so many are for this standing and those below it. */
    int share(int all) {
      return (all * part + of - 1) / of;
    }
  }

  private final Ledger ledger;
  private final Pools pools;
  private final Most most;
  private final boolean canAsk;
  private final Predicate<Pool> gaveMail;

  /**
   * @param canAsk whether a peer is asked what it offers before anything is relaxed for it
   * @param gaveMail whether a pool gave us mail
   */
  public Bounds(Ledger ledger, Pools pools, Most most, boolean canAsk, Predicate<Pool> gaveMail) {
    this.ledger = ledger;
    this.pools = pools;
    this.most = most;
    this.canAsk = canAsk;
    this.gaveMail = gaveMail;
  }

  @Override
  public GuardName name() {
    return GuardName.BOUNDS;
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    return full(proposal).or(() -> crowded(proposal)).or(() -> wide(proposal));
  }

  /** Whether there is no place left for one of its kind and standing. */
  private Optional<String> full(Waiver proposal) {
    boolean isAsked = isAsked(proposal);
    int all = isAsked ? most.asked() : most.waivers();
    String key = isAsked ? "(guards.most_asked)" : "(guards.most_waivers)";
    String what = isAsked ? " senders that are asked what they offer " : " waivers ";
    Instant yesterday = proposal.evidence().last().minus(DAY);
    List<Waiver> open = ofKind(proposal, isAsked, other -> !other.state().isTerminal());
    Optional<Standing> now = tooMany(open, proposal, all);
    if (now.isPresent()) {
      return Optional.of(
          "there are "
              + now.get().share(all)
              + what
              + "already "
              + now.get().words
              + key
              + ": revoke some, or ask whether the server is too strict");
    }
    List<Waiver> lately = ofKind(proposal, isAsked, other -> other.at().isAfter(yesterday));
    return tooMany(lately, proposal, all)
        .map(
            standing ->
                standing.share(all)
                    + what
                    + "were proposed within a day "
                    + standing.words
                    + key
                    + ": ask whether the server is too strict, or who is playing with it");
  }

  private List<Waiver> ofKind(Waiver proposal, boolean isAsked, Predicate<Waiver> which) {
    return ledger.select(
        which.and(other -> isEarlier(other, proposal)).and(other -> isAsked(other) == isAsked));
  }

  /** The standing whose share is taken, of those that the proposal needs a place of. */
  private Optional<Standing> tooMany(List<Waiver> others, Waiver proposal, int all) {
    Standing own = standing(proposal);
    for (Standing standing : Standing.values()) {
      long count =
          others.stream().filter(other -> standing(other).compareTo(standing) >= 0).count();
      if (standing.compareTo(own) <= 0 && count >= standing.share(all)) {
        return Optional.of(standing);
      }
    }
    return Optional.empty();
  }

  private Standing standing(Waiver waiver) {
    if (waiver.isOperators() || gaveMail.test(waiver.pool())) {
      return Standing.MAIL;
    }
    return waiver.pool().isNamed() ? Standing.NAME : Standing.STRANGER;
  }

  /** Whether its networks have as many as they may, those that gave mail counted apart. */
  private Optional<String> crowded(Waiver proposal) {
    if (proposal.isOperators()) {
      return Optional.empty();
    }
    Standing standing = standing(proposal);
    boolean isByMail = standing == Standing.MAIL;
    Instant yesterday = proposal.evidence().last().minus(DAY);
    List<Waiver> others =
        ledger.select(
            other ->
                isEarlier(other, proposal)
                    && (!other.state().isTerminal() || other.at().isAfter(yesterday))
                    && !other.isOperators()
                    && (standing(other) == Standing.MAIL) == isByMail);
    return networks(proposal).stream()
        .filter(
            network ->
                others.stream().filter(other -> isIn(other, network)).count()
                    >= most(network, standing))
        .findFirst()
        .map(
            network ->
                most(network, standing)
                    + " waivers in "
                    + network
                    + " are as many as may be at a time or within a day"
                    + " (guards.most_per_network): if "
                    + proposal.pool()
                    + " is a sender that you know, tlswaiver grant lets it in");
  }

  private static Set<IpPrefix> networks(Waiver proposal) {
    Set<IpPrefix> networks = new TreeSet<>();
    for (IpAddress address : proposal.addresses()) {
      networks.add(address.network(IPV4_LENGTH, IPV6_LENGTH));
      if (address.isIpv6() && !proposal.pool().isNamed()) {
        networks.add(address.network(PROVIDER_LENGTH));
      }
    }
    return networks;
  }

  private int most(IpPrefix network, Standing standing) {
    int one = network.isIpv6() ? most.inIpv6Network() : most.inIpv4Network();
    int sites = network.length() == PROVIDER_LENGTH ? SITES_OF_A_PROVIDER : 1;
    return one * sites * (standing == Standing.STRANGER ? 1 : KNOWN_FOR_ONE_WITHOUT);
  }

  private static boolean isIn(Waiver waiver, IpPrefix network) {
    return waiver.addresses().stream().anyMatch(network::contains);
  }

  private Optional<String> wide(Waiver proposal) {
    if (proposal.addresses().size() > most.addresses()) {
      return Optional.of(
          proposal.pool()
              + " fails from more than "
              + most.addresses()
              + " addresses (guards.most_addresses)");
    }
    return proposal.networks().stream()
        .filter(network -> proposal.isOperators())
        .filter(pools::isWiderThanNetworks)
        .findFirst()
        .map(network -> network + " is wider than pool.network allows");
  }

  /**
   * Whether it was made before: the one that is too many is the last, and not one of the others.
   * Whoever was asked, and comes for a waiver now, comes after all that are there.
   */
  private static boolean isEarlier(Waiver other, Waiver proposal) {
    return proposal.state() == State.DIAGNOSING
        ? other.id() != proposal.id()
        : other.id() < proposal.id();
  }

  /** Whether it is asked, is to be, or was and is no more than that. */
  private boolean isAsked(Waiver waiver) {
    return switch (waiver.state()) {
      case PROPOSED -> canAsk && waiver.evidence().hello().isEmpty() && waiver.term().isEmpty();
      case DIAGNOSING -> !Life.awaitsPlan(waiver);
      case REFUSED -> true;
      case ACTIVE, PROVEN, FAILED, INEFFECTIVE, EXPIRED, REVOKED -> false;
    };
  }
}
