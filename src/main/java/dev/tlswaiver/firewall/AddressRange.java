package dev.tlswaiver.firewall;

import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;

/** The addresses from the first to the last, as nftables keeps them. */
record AddressRange(IpAddress first, IpAddress last) {
  AddressRange {
    if (first.isIpv6() != last.isIpv6() || first.compareTo(last) > 0) {
      throw new IllegalArgumentException("not a range: " + first + "-" + last);
    }
  }

  static AddressRange of(IpPrefix prefix) {
    return new AddressRange(prefix.network(), last(prefix));
  }

  private static IpAddress last(IpPrefix prefix) {
    byte[] bytes = prefix.network().bytes();
    for (int bit = prefix.length(); bit < bytes.length * 8; bit++) {
      bytes[bit / 8] |= (byte) (0x80 >> bit % 8);
    }
    return IpAddress.of(bytes);
  }

  boolean isIpv6() {
    return first.isIpv6();
  }

  /** Whether it holds every address of its family. */
  boolean isEverything() {
    return of(first.network(0)).equals(this);
  }
}
