package dev.tlswaiver.waiver;

import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * What a handshake that met the strict terms means for waivers: success outweighs failure, for each
 * address and at once. Both may be forged; to err here costs the sender a retry, and to err the
 * other way costs it its privacy.
 *
 * <p>Where the operator granted knowingly, against the memory of strong TLS or to a network by its
 * name, he may mean a translated address with a modern server and an old appliance behind it. That
 * stays.
 */
public final class Success {
  private static final String TLS_1_3 = "TLSv1.3";

  /** Failures that end where TLS 1.3 is agreed on, and say nothing about a lower version. */
  private static final Set<Reason> ABOUT_TLS13 =
      EnumSet.of(Reason.TLS13_TROUBLE, Reason.INAPPROPRIATE_FALLBACK);

  private final Ledger ledger;
  private final Ladder ladder;
  private final Descent descent;
  private final BiFunction<Waiver, IpAddress, Waiver> without;

  /**
   * @param without what is left of a waiver without an address
   */
  Success(
      Ledger ledger,
      Ladder ladder,
      Descent descent,
      BiFunction<Waiver, IpAddress, Waiver> without) {
    this.ledger = ledger;
    this.ladder = ladder;
    this.descent = descent;
    this.without = without;
  }

  /**
   * What became of the waivers of an address.
   *
   * @param changed those that lost it, or ended with it
   * @param kept those that the operator granted knowingly
   */
  public record Effect(List<Waiver> changed, List<Waiver> kept) {
    public Effect {
      changed = List.copyOf(changed);
      kept = List.copyOf(kept);
    }
  }

  /**
   * Whether a handshake shows that its peer meets the strict terms. On the public service, and on
   * the listener that asks, whoever completes one does. On a relaxed one it does where the strict
   * one would have agreed on the same, and where that is the end of what it failed with before.
   */
  boolean isShownBy(Handshake handshake) {
    if (!(handshake.outcome() instanceof Completed completed)
        || !handshake.service().facesMx()
        || handshake.peer().address().isEmpty()) {
      return false;
    }
    Optional<Rung> rung = rungOf(handshake);
    if (handshake.service().rungLabel().isEmpty() || rung.equals(Optional.of(Rung.DIAGNOSE))) {
      return true;
    }
    IpAddress address = handshake.peer().address().get();
    return ladder.meetsStrictTerms(completed, handshake.hello())
        && rung.flatMap(on -> ledger.standing(on, address))
            .filter(waiver -> isTheEndOf(waiver, address, completed))
            .isPresent();
  }

  /**
   * Whether what the address failed with is over. A certificate or a broken TLS 1.3 is not in the
   * versions and suites that are agreed on.
   */
  private boolean isTheEndOf(Waiver waiver, IpAddress address, Completed completed) {
    if (!waiver.addresses().contains(address) || waiver.evidence().failures() == 0) {
      return true;
    }
    return ABOUT_TLS13.contains(waiver.evidence().reason())
        ? completed.protocol().equals(TLS_1_3)
        : descent.isExplainedByOffer(waiver);
  }

  /**
   * A handshake that met the strict terms: its address leaves its waiver, whatever the others do,
   * and the waiver ends with its last.
   */
  Effect of(Handshake handshake, Instant now) {
    List<Waiver> changed = new ArrayList<>();
    List<Waiver> kept = new ArrayList<>();
    IpAddress address = handshake.peer().address().orElseThrow();
    for (Waiver before : concerned(address)) {
      Waiver waiver =
          rungOf(handshake)
              .filter(rung -> before.standsOn().filter(rung::equals).isPresent())
              .map(rung -> before.trying(Attempt.of(rung, handshake, now)))
              .orElse(before);
      if (isGrantedKnowingly(waiver, address)) {
        kept.add(waiver);
        Optional.of(marked(waiver, address))
            .filter(after -> !after.equals(before))
            .ifPresent(changed::add);
      } else {
        changed.add(without(waiver, address, words(handshake), now));
      }
    }
    changed.forEach(ledger::put);
    return new Effect(changed, kept);
  }

  private static Optional<Rung> rungOf(Handshake handshake) {
    return handshake.service().rungLabel().flatMap(Rung::find);
  }

  /** Of a named network the first is enough: it may hold many. */
  private static Waiver marked(Waiver waiver, IpAddress address) {
    boolean isNews = waiver.addresses().contains(address) || !isMarked(waiver);
    return isNews ? waiver.needing(address, Rung.DIAGNOSE) : waiver;
  }

  private Waiver without(Waiver waiver, IpAddress address, String why, Instant now) {
    Waiver left = without.apply(waiver, address);
    return left.addresses().isEmpty()
        ? waiver.endedBy(
            new Objection(
                GuardName.FEASIBLE, waiver.pool() + " " + why + ": nothing needs to be relaxed"),
            now)
        : descent.down(left, now);
  }

  /** The live waivers that send the address anywhere, or are about to. */
  private List<Waiver> concerned(IpAddress address) {
    return ledger.live().stream()
        .filter(waiver -> waiver.covers(address) || waiver.addresses().contains(address))
        .toList();
  }

  /** Whether it stays for this address, whatever that shows. */
  private static boolean isGrantedKnowingly(Waiver waiver, IpAddress address) {
    return isAgainstMemory(waiver)
        || named(waiver).stream().anyMatch(network -> network.contains(address));
  }

  private static boolean isAgainstMemory(Waiver waiver) {
    return waiver.isOperators()
        && waiver.objections().stream()
            .anyMatch(said -> said.guard() == GuardName.STRONG_TLS_MEMORY);
  }

  /** Whether one that stays has met the strict terms already. */
  public static boolean isMarked(Waiver waiver) {
    return (isAgainstMemory(waiver) || !named(waiver).isEmpty())
        && waiver.needs().containsValue(Rung.DIAGNOSE);
  }

  /** The networks that reach further than to the addresses that were seen: somebody named them. */
  static List<IpPrefix> named(Waiver waiver) {
    List<IpPrefix> hosts =
        IpPrefix.merge(
            Stream.concat(waiver.addresses().stream(), waiver.joined().stream())
                .map(IpAddress::toPrefix)
                .toList());
    return waiver.networks().stream().filter(network -> !hosts.contains(network)).toList();
  }

  /** What a handshake showed, for the record. */
  private static String words(Handshake handshake) {
    if (handshake.outcome() instanceof Completed agreed) {
      return "meets the strict terms now (" + agreed.protocol() + ", " + agreed.cipher() + ")";
    }
    throw new IllegalStateException("met no terms: " + handshake);
  }
}
