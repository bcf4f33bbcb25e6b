package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A table is of a type that is there, and keeps it. */
final class MapTypesTest {
  private static String indexed(String usual, String... all) {
    return new MapTypes(usual, Set.of(all)).indexed(Optional.empty());
  }

  @Test
  void theUsualTypeComesFirst() {
    assertThat(indexed("hash", "cidr", "btree", "hash", "lmdb")).isEqualTo("hash");
    assertThat(indexed("lmdb", "hash", "lmdb")).isEqualTo("lmdb");
    assertThat(indexed("cdb", "cdb", "cidr")).isEqualTo("cdb");
  }

  @Test
  void anotherOneDoesWhereThatWasLeftOutOrIsNoFileOfOurs() {
    // RHEL 10 has no Berkeley DB, and upgraded files still say so.
    assertThat(indexed("hash", "cidr", "lmdb")).isEqualTo("lmdb");
    assertThat(indexed("ldap", "cidr", "hash", "ldap", "texthash")).isEqualTo("hash");
    assertThat(indexed("texthash", "cidr", "btree", "texthash")).isEqualTo("btree");
  }

  @Test
  void withoutAnyItIsCidr() {
    assertThat(indexed("hash", "cidr", "pcre", "texthash")).isEqualTo("cidr");
    assertThat(MapTypes.isIndexed("cidr")).isFalse();
  }

  @Test
  void aTableThatStandsKeepsItsTypeWhileThereIsOne() {
    MapTypes types = new MapTypes("lmdb", Set.of("hash", "lmdb", "cidr"));
    assertThat(types.indexed(Optional.of("hash"))).isEqualTo("hash");
    assertThat(types.indexed(Optional.of("btree"))).isEqualTo("lmdb");
    assertThat(types.indexed(Optional.of("cidr"))).isEqualTo("lmdb");
  }
}
