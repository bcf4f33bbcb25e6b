package dev.tlswaiver.firewall;

import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Ranges of addresses, those that overlap as one. A value. */
public final class AddressRanges {
  public static final AddressRanges NONE = new AddressRanges(List.of());

  private final NavigableMap<IpAddress, IpAddress> merged = new TreeMap<>();

  AddressRanges(Collection<AddressRange> ranges) {
    ranges.stream().sorted(Comparator.comparing(AddressRange::first)).forEach(this::add);
  }

  private void add(AddressRange range) {
    Optional<Map.Entry<IpAddress, IpAddress>> before =
        Optional.ofNullable(merged.lastEntry())
            .filter(entry -> entry.getKey().isIpv6() == range.isIpv6())
            .filter(entry -> entry.getValue().compareTo(range.first()) >= 0);
    if (before.isEmpty()) {
      merged.put(range.first(), range.last());
    } else if (before.get().getValue().compareTo(range.last()) < 0) {
      merged.put(before.get().getKey(), range.last());
    }
  }

  /**
   * Those that the texts spell, as {@link #texts} does.
   *
   * @throws IllegalArgumentException if one spells none
   */
  public static AddressRanges parse(Collection<String> texts) {
    return new AddressRanges(texts.stream().map(AddressRanges::range).toList());
  }

  /** Those of prefixes. */
  public static AddressRanges of(Collection<IpPrefix> prefixes) {
    return new AddressRanges(prefixes.stream().map(AddressRange::of).toList());
  }

  private static AddressRange range(String text) {
    String[] ends = text.split("-", -1);
    if (ends.length != 2) {
      throw new IllegalArgumentException("not a range: " + text);
    }
    return new AddressRange(IpAddress.parse(ends[0]), IpAddress.parse(ends[1]));
  }

  /** Each as its first and its last address, {@code 192.0.2.1-192.0.2.7}. */
  public List<String> texts() {
    return merged.entrySet().stream()
        .map(range -> range.getKey() + "-" + range.getValue())
        .toList();
  }

  /** Whether any address of the prefix is in one of them. */
  public boolean overlap(IpPrefix prefix) {
    AddressRange range = AddressRange.of(prefix);
    return Optional.ofNullable(merged.floorEntry(range.last()))
        .filter(entry -> entry.getKey().isIpv6() == prefix.isIpv6())
        .filter(entry -> entry.getValue().compareTo(range.first()) >= 0)
        .isPresent();
  }

  /** How many there are. */
  public int size() {
    return merged.size();
  }
}
