package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The types of lookup tables that this Postfix has.
 *
 * @param usual default_database_type
 * @param all what {@code postconf -m} lists
 */
record MapTypes(String usual, Set<String> all) {
  /** Files of their own that running daemons see change, the best one first. */
  private static final List<String> INDEXED =
      List.of("lmdb", "hash", "btree", "cdb", "sdbm", "dbm");

  MapTypes {
    all = Set.copyOf(all);
  }

  static MapTypes of(MainFile main) throws HostException {
    return new MapTypes(main.value("default_database_type"), main.tableTypes());
  }

  static boolean isIndexed(String type) {
    return INDEXED.contains(type);
  }

  /**
   * The type for a table of our own: what it is now, else the usual type, else another one that
   * postmap(1) builds; {@code cidr} where this Postfix has none.
   */
  String indexed(Optional<String> now) {
    return Stream.concat(Stream.concat(now.stream(), Stream.of(usual)), INDEXED.stream())
        .filter(type -> isIndexed(type) && all.contains(type))
        .findFirst()
        .orElse("cidr");
  }
}
