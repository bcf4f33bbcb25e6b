package dev.tlswaiver.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class KeyedHashTest {
  private static byte[] count(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  @Test
  void itIsSipHash24() {
    // From the paper's reference: the key 00 01 .. 0f, and messages 00 01 .. of growing length.
    KeyedHash hash = new KeyedHash(count(16));
    assertThat(hash.sip(count(0))).isEqualTo(0x726fdb47dd0e0e31L);
    assertThat(hash.sip(count(1))).isEqualTo(0x74f839c593dc67fdL);
    assertThat(hash.sip(count(8))).isEqualTo(0x93f5f5799a932462L);
    assertThat(hash.sip(count(15))).isEqualTo(0xa129ca6149be45e5L);
  }

  @Test
  void anotherKeyHasOtherNumbers() {
    KeyedHash one = new KeyedHash(count(16));
    KeyedHash other = new KeyedHash(new byte[16]);
    assertThat(one.number("a.example")).isNotEqualTo(other.number("a.example"));
    assertThat(one.number("a.example")).isEqualTo(new KeyedHash(count(16)).number("a.example"));
    assertThat(one.numberOfOld(41)).isNotEqualTo(one.numberOfOld(42));
  }

  @Test
  void aKeyHasItsLength() {
    assertThatThrownBy(() -> new KeyedHash(new byte[15]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("15");
  }
}
