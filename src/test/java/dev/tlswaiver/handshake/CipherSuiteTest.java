package dev.tlswaiver.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class CipherSuiteTest {
  private static CipherSuite suite(int number) {
    return CipherSuite.find(number).orElseThrow();
  }

  private static ClientHello hello(int suite, List<Integer> groups) {
    return new ClientHello(0x0303, List.of(), List.of(suite), groups, List.of(), false);
  }

  @Test
  void aSuiteThatOnlyOldLibrariesHaveCanBeAgreedOnWhereOneIs() {
    assertThat(suite(0x0005).name()).isEqualTo("RC4-SHA");
    Offer old = new Offer(new TreeSet<>(Set.of(0x0300, 0x0301)), Set.of(0x0005));
    assertThat(old.admits(hello(0x0005, List.of()))).isTrue();
    assertThat(CipherSuite.find(0xFF85)).isEmpty();
  }

  @Test
  void aPeerThatNamesNoGroupsSharesNoneWithOpenssl() {
    // 0xC02F is ECDHE-RSA-AES128-GCM-SHA256, 0xC018 is AECDH-AES128-SHA, 0x0034 is ADH-AES128-SHA.
    Offer offer = new Offer(new TreeSet<>(Set.of(0x0303)), Set.of(0xC02F, 0xC018, 0x0034));
    assertThat(offer.admits(hello(0xC02F, List.of()))).isFalse();
    assertThat(offer.admits(hello(0xC02F, List.of(23)))).isTrue();
    assertThat(offer.admits(hello(0xC018, List.of()))).isFalse();
    assertThat(offer.admits(hello(0xC018, List.of(23)))).isTrue();
    assertThat(offer.admits(hello(0x0034, List.of()))).isTrue();
  }
}
