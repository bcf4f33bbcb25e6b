package dev.tlswaiver.guard;

import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Leaves to the operator whom the strong-TLS memory may have known before it lost what it knew:
 * that somebody is not in it says nothing then. It speaks of nobody who had given us mail before,
 * since whatever such a sender met was held, and of nobody else's network.
 */
public final class MemoryIncomplete implements Guard {
  private final Duration memory;
  private final LastSeen strong;
  private final LastSeen mail;

  /**
   * @param memory how far back it matters who met the strict terms
   * @param strong who met them
   * @param mail who gave us mail
   */
  public MemoryIncomplete(Duration memory, LastSeen strong, LastSeen mail) {
    this.memory = memory;
    this.strong = strong;
    this.mail = mail;
  }

  @Override
  public GuardName name() {
    return GuardName.MEMORY_INCOMPLETE;
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    if (proposal.isOperators()) {
      return Optional.empty();
    }
    Instant start = proposal.evidence().last().minus(memory);
    Optional<LastSeen.Loss> loss =
        strong.lossSince(start).filter(lost -> lost.isOfHeld() || !gaveMailBefore(lost, proposal));
    return loss.isPresent()
        ? Optional.of(words(proposal, loss.get()))
        : crowded(proposal, start)
            .map(
                network ->
                    "more hosts of "
                        + network
                        + " met the strict terms within a day than are remembered of one network"
                        + whatToDo(proposal));
  }

  private boolean gaveMailBefore(LastSeen.Loss loss, Waiver proposal) {
    return mail.findFirst(proposal.pool()).filter(loss.since()::isAfter).isPresent();
  }

  private Optional<IpPrefix> crowded(Waiver proposal, Instant start) {
    return mail.find(proposal.pool()).isPresent()
        ? Optional.empty()
        : proposal.addresses().stream()
            .filter(IpAddress::isIpv6)
            .filter(address -> strong.since(StrongTlsMemory.crowded(address), start))
            .map(address -> address.network(Newcomers.SITE_LENGTH))
            .findFirst();
  }

  private String words(Waiver proposal, LastSeen.Loss loss) {
    return "the memory of who met the strict terms is incomplete since "
        + loss.since()
        + (loss.count() > 0 ? " (" + loss.count() + " were pushed out)" : "")
        + ", until "
        + loss.latest().plus(memory)
        + whatToDo(proposal);
  }

  private static String whatToDo(Waiver proposal) {
    return ": nobody can tell whether "
        + proposal.pool()
        + " did better before; look into older logs (tlswaiver report), and if it did not,"
        + " tlswaiver grant it";
  }
}
