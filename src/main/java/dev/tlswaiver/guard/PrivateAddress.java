package dev.tlswaiver.guard;

import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Waiver;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Refuses loopback, private and link-local addresses: machines that their operator can mend. */
public final class PrivateAddress implements Guard {
  /** RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 and the loopback networks. */
  private static final List<IpPrefix> PRIVATE =
      List.of(
              "10.0.0.0/8",
              "172.16.0.0/12",
              "192.168.0.0/16",
              "100.64.0.0/10",
              "169.254.0.0/16",
              "127.0.0.0/8",
              "::1/128",
              "fc00::/7",
              "fe80::/10")
          .stream()
          .map(IpPrefix::parse)
          .toList();

  @Override
  public GuardName name() {
    return GuardName.PRIVATE_ADDRESS;
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    return Stream.concat(
            proposal.addresses().stream().map(IpAddress::toPrefix), proposal.networks().stream())
        .filter(PrivateAddress::isIn)
        .findFirst()
        .map(
            network ->
                (network.isSingleAddress()
                        ? network.network() + " is a private address"
                        : network + " holds private addresses")
                    + ": mend that machine, or set guards.private_addresses: allow");
  }

  /** Whether an address of the network is loopback, private or link-local. */
  public static boolean isIn(IpPrefix network) {
    return PRIVATE.stream().anyMatch(network::overlaps);
  }
}
