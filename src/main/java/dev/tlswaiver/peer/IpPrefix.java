package dev.tlswaiver.peer;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A network: the addresses that share the first {@code length} bits. The bits after them are zero.
 *
 * @param network the first address
 * @param length in bits, 0 to 32 or 128
 */
public record IpPrefix(IpAddress network, int length) implements Comparable<IpPrefix> {
  private static final Comparator<IpPrefix> ORDER =
      Comparator.comparing(IpPrefix::network).thenComparing(IpPrefix::length);

  public IpPrefix {
    if (length < 0 || length > network.bits()) {
      throw new IllegalArgumentException("not a prefix length for " + network + ": " + length);
    }
    byte[] bytes = network.bytes();
    for (int bit = length; bit < network.bits(); bit++) {
      if ((bytes[bit / 8] & 0x80 >> bit % 8) != 0) {
        throw new IllegalArgumentException(network + "/" + length + " has bits after its length");
      }
    }
  }

  /**
   * The prefix that the text spells, {@code 192.0.2.0/24} or a bare address.
   *
   * @throws IllegalArgumentException if it spells none
   */
  public static IpPrefix parse(String text) {
    return find(text).orElseThrow(() -> new IllegalArgumentException("not a prefix: " + text));
  }

  /** The prefix that the text spells, or empty. */
  public static Optional<IpPrefix> find(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return IpAddress.find(text).map(IpAddress::toPrefix);
    }
    String length = text.substring(slash + 1);
    Optional<IpAddress> address = IpAddress.find(text.substring(0, slash));
    if (address.isEmpty() || !length.matches("[0-9]{1,3}")) {
      return Optional.empty();
    }
    int bits = Integer.parseInt(length);
    return bits > address.get().bits()
        ? Optional.empty()
        : Optional.of(address.get().network(bits))
            .filter(prefix -> prefix.network().equals(address.get()));
  }

  /** The fewest prefixes that cover exactly the same addresses, in order, IPv4 first. */
  public static List<IpPrefix> merge(Collection<IpPrefix> prefixes) {
    List<IpPrefix> sorted = new ArrayList<>(prefixes);
    sorted.sort(ORDER);
    List<IpPrefix> merged = new ArrayList<>();
    for (IpPrefix prefix : sorted) {
      add(merged, prefix);
    }
    return List.copyOf(merged);
  }

  private static void add(List<IpPrefix> merged, IpPrefix prefix) {
    if (merged.isEmpty()) {
      merged.add(prefix);
      return;
    }
    IpPrefix last = merged.get(merged.size() - 1);
    if (last.contains(prefix)) {
      return;
    }
    if (last.isSiblingOf(prefix)) {
      merged.remove(merged.size() - 1);
      add(merged, last.network.network(last.length - 1));
      return;
    }
    merged.add(prefix);
  }

  private boolean isSiblingOf(IpPrefix other) {
    return length == other.length
        && length > 0
        && isIpv6() == other.isIpv6()
        && network.network(length - 1).equals(other.network.network(length - 1));
  }

  public boolean isIpv6() {
    return network.isIpv6();
  }

  /** Its addresses in order, the first of them where there are more. */
  public List<IpAddress> first(int most) {
    int hostBits = network.bits() - length;
    int count = hostBits >= 30 ? most : Math.min(most, 1 << hostBits);
    List<IpAddress> addresses = new ArrayList<>(count);
    byte[] bytes = network.bytes();
    while (addresses.size() < count) {
      addresses.add(IpAddress.of(bytes));
      for (int i = bytes.length - 1; i >= 0 && ++bytes[i] == 0; i--) {
        // Carries into the byte before.
      }
    }
    return addresses;
  }

  /** The two networks that make it up; itself where it is a single address. */
  public List<IpPrefix> halves() {
    if (isSingleAddress()) {
      return List.of(this);
    }
    byte[] second = network.bytes();
    second[length / 8] |= (byte) (0x80 >> length % 8);
    return List.of(network.network(length + 1), IpAddress.of(second).network(length + 1));
  }

  /** Whether it is one address and not a network. */
  public boolean isSingleAddress() {
    return length == network.bits();
  }

  public boolean contains(IpAddress address) {
    return address.isIpv6() == isIpv6() && address.network(length).network().equals(network);
  }

  public boolean contains(IpPrefix other) {
    return other.length >= length && contains(other.network);
  }

  /** Whether an address is in both. */
  public boolean overlaps(IpPrefix other) {
    return contains(other) || other.contains(this);
  }

  @Override
  public int compareTo(IpPrefix other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return network + "/" + length;
  }
}
