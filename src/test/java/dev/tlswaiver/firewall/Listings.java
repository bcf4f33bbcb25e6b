package dev.tlswaiver.firewall;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.firewall.FilterChain.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Rules as real hosts have them: what nft 1.0.6 and iptables-save 1.8.9 printed where fail2ban
 * 1.0.2, CrowdSec's bouncer 0.0.25, firewalld 1.3.3 or an operator had put them.
 */
final class Listings {
  private static final Path FOLDER = Path.of("src/test/resources/nftables");

  private Listings() {}

  static KernelRules rules(String name) throws IOException, HostException {
    return KernelRules.parse(text(name + ".json"));
  }

  /** The same, on a host where iptables-save is installed too. */
  static KernelRules savedRules(String name) throws IOException, HostException {
    KernelRules rules =
        rules(name).with(Origin.IPTABLES_NFT, false, Optional.of(text(name + ".save")));
    return Files.exists(FOLDER.resolve(name + ".save6"))
        ? rules.with(Origin.IPTABLES_NFT, true, Optional.of(text(name + ".save6")))
        : rules;
  }

  static String text(String file) throws IOException {
    return Files.readString(FOLDER.resolve(file));
  }
}
