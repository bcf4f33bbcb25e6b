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

  /** Whether any address of the waiver, or its domain, is named. */
  boolean hasAnyOf(Waiver waiver) {
    return hasDomainOf(waiver) || waiver.addresses().stream().anyMatch(this::hasAddress);
  }

  /** Whether each address of the waiver, or its domain, is named. */
  boolean hasAllOf(Waiver waiver) {
    return hasDomainOf(waiver) || waiver.addresses().stream().allMatch(this::hasAddress);
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
