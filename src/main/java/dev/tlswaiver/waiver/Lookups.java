package dev.tlswaiver.waiver;

import dev.tlswaiver.handshake.Observation.Neighbours;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Pool;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Says whose neighbours are to be looked up: those of each address that failed, while the waiver of
 * its pool stands, and again each day. Used by the ledger's thread.
 *
 * <p>A pool without a name has no neighbours that names could tell of; and where the operator
 * granted, he has said whom.
 */
public final class Lookups {
  /**
   * All addresses that differ in the last so many bits are asked: an IPv4 network as a whole; of an
   * IPv6 network, which nobody can walk through, those that were numbered in a row.
   */
  private static final int BITS = 8;

  private static final Duration DAILY = Duration.ofDays(1);

  /** A resolver that was away may be back. */
  private static final Duration AGAIN = Duration.ofMinutes(10);

  /** The oldest waivers come first. More than this, slowly, would be more than a resolver's day. */
  public static final int MOST_BLOCKS = 1_000;

  /**
   * What to ask.
   *
   * @param block whose names are wanted, no more than 256 addresses
   */
  public record Question(Pool pool, IpPrefix block) {}

  /** When it was asked last, and is to be asked again. */
  private record Asked(Instant at, Instant again) {}

  private final Ledger ledger;
  private final int mostAddresses;
  private final Map<Question, Asked> asked = new HashMap<>();

  /**
   * @param mostAddresses how many addresses one waiver may cover
   */
  public Lookups(Ledger ledger, int mostAddresses) {
    this.ledger = ledger;
    this.mostAddresses = mostAddresses;
  }

  /**
   * What is to be asked now: what was never asked first, then what was asked longest ago, so that
   * no zone that answers slowly keeps the others waiting.
   */
  public Optional<Question> next(Instant now) {
    Map<Question, Waiver> standing = new LinkedHashMap<>();
    for (Waiver waiver : ledger.live()) {
      if (isWorthAsking(waiver)) {
        for (IpAddress address : waiver.addresses()) {
          if (standing.size() < MOST_BLOCKS) {
            standing.put(new Question(waiver.pool(), block(address)), waiver);
          }
        }
      }
    }
    asked.keySet().retainAll(standing.keySet());
    return standing.entrySet().stream()
        .filter(one -> isDue(one.getKey(), one.getValue(), now))
        .map(Map.Entry::getKey)
        .min(Comparator.comparing(this::askedAt));
  }

  private Instant askedAt(Question question) {
    Asked last = asked.get(question); // Null: never.
    return last == null ? Instant.MIN : last.at();
  }

  /** The address and its neighbours. */
  static IpPrefix block(IpAddress address) {
    return address.network(address.bits() - BITS);
  }

  private boolean isWorthAsking(Waiver waiver) {
    return waiver.pool().isNamed()
        && !waiver.isOperators()
        && waiver.addresses().size() < mostAddresses;
  }

  private boolean isDue(Question question, Waiver waiver, Instant now) {
    Asked last = asked.get(question); // Null: never.
    return last == null
        || !last.again().isAfter(now)
        // The pool's next waiver knows nothing of what was found for the one before.
        || (last.at().isBefore(waiver.at()) && !last.at().plus(AGAIN).isAfter(now));
  }

  /** It was asked. */
  public void observe(Neighbours seen) {
    seen.time()
        .ifPresent(
            time ->
                asked.put(
                    new Question(seen.pool(), seen.block()),
                    new Asked(time, time.plus(seen.isComplete() ? DAILY : AGAIN))));
  }
}
