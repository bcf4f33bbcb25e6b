package dev.tlswaiver.rule;

import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Who leaves a table that is full: the eldest rows of those networks that take most of it. Whoever
 * owns a network, however many addresses that has, evicts itself and nobody who comes from
 * elsewhere, be it only once a day.
 *
 * @param address where a row comes from
 * @param weight what a row takes
 */
record FairShare<V>(Function<V, IpAddress> address, ToIntFunction<V> weight) {
  /** What a registry gives to one owner at most, nearly always. */
  private static final int IPV4_LENGTH = 16;

  private static final int IPV6_LENGTH = 32;

  private IpPrefix network(V row) {
    return address.apply(row).network(IPV4_LENGTH, IPV6_LENGTH);
  }

  /**
   * Leaves no more than this in the table. It goes through all of it, so that the caller makes room
   * for many at a time.
   *
   * @param table in the order of age, the eldest row first
   * @return what is left
   */
  <K> int shrink(Map<K, V> table, int most) {
    Map<IpPrefix, Integer> taken = new HashMap<>();
    table.values().forEach(row -> taken.merge(network(row), weight.applyAsInt(row), Integer::sum));
    int left = taken.values().stream().mapToInt(Integer::intValue).sum();
    int share = share(taken, most);
    for (Iterator<V> rows = table.values().iterator(); rows.hasNext() && left > most; ) {
      V row = rows.next();
      IpPrefix network = network(row);
      if (taken.getOrDefault(network, 0) > share) {
        taken.merge(network, -weight.applyAsInt(row), Integer::sum);
        left -= weight.applyAsInt(row);
        rows.remove();
      }
    }
    // More networks than rows may stay: age alone decides.
    for (Iterator<V> rows = table.values().iterator(); rows.hasNext() && left > most; ) {
      left -= weight.applyAsInt(rows.next());
      rows.remove();
    }
    return left;
  }

  /** The most that each network may keep so that all of it fits; at least one. */
  private static int share(Map<IpPrefix, Integer> taken, int most) {
    int[] ascending = taken.values().stream().mapToInt(Integer::intValue).sorted().toArray();
    int room = most;
    for (int i = 0; i < ascending.length; i++) {
      int share = room / (ascending.length - i);
      if (ascending[i] > share) {
        return Math.max(1, share);
      }
      room -= ascending[i];
    }
    return Integer.MAX_VALUE;
  }
}
