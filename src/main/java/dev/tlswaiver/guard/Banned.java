package dev.tlswaiver.guard;

import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Waiver;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Leaves out whoever another tool has banned: a ban on the public port does not see a connection
 * that was redirected before it.
 */
public final class Banned implements Guard {
  private Predicate<IpPrefix> isBanned = network -> false;

  /** Takes in who is banned now. */
  public void look(Predicate<IpPrefix> found) {
    isBanned = found;
  }

  @Override
  public GuardName name() {
    return GuardName.BANNED;
  }

  /** Of a waiver in force too. */
  @Override
  public Optional<String> review(Waiver waiver) {
    return waiver.networks().stream()
        .filter(isBanned)
        .findFirst()
        .map(
            network ->
                network
                    + " is banned by the firewall (fail2ban, CrowdSec, or a rule of your own), and a"
                    + " redirect would lead it past the ban; lift the ban if it is a mistake, and let"
                    + " that tool ignore the sender");
  }
}
