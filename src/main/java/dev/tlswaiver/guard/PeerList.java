package dev.tlswaiver.guard;

import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Waiver;
import java.util.List;

/** Addresses, prefixes and domains that the operator named. */
public record PeerList(List<IpPrefix> prefixes, List<HostName> domains) {
  public PeerList {
    prefixes = List.copyOf(prefixes);
    domains = List.copyOf(domains);
  }

  public boolean isEmpty() {
    return prefixes.isEmpty() && domains.isEmpty();
  }

  /** Whether any address that the waiver covers, or its domain, is named. */
  boolean hasAnyOf(Waiver waiver) {
    return hasDomainOf(waiver)
        || waiver.addresses().stream().anyMatch(this::hasAddress)
        || waiver.networks().stream().anyMatch(this::overlaps);
  }

  /** Whether each address of the waiver, or its domain, is named. */
  boolean hasAllOf(Waiver waiver) {
    return hasDomainOf(waiver)
        || (waiver.addresses().isEmpty()
            ? waiver.networks().stream().allMatch(this::hasNetwork)
            : waiver.addresses().stream().allMatch(this::hasAddress));
  }

  /** Whether an address of the network is named. */
  public boolean overlaps(IpPrefix network) {
    return prefixes.stream()
        .anyMatch(prefix -> prefix.contains(network) || network.contains(prefix));
  }

  private boolean hasNetwork(IpPrefix network) {
    return prefixes.stream().anyMatch(prefix -> prefix.contains(network));
  }

  private boolean hasDomainOf(Waiver waiver) {
    return HostName.find(waiver.pool().id())
        .filter(name -> domains.stream().anyMatch(name::isWithin))
        .isPresent();
  }

  private boolean hasAddress(IpAddress address) {
    return prefixes.stream().anyMatch(prefix -> prefix.contains(address));
  }
}
