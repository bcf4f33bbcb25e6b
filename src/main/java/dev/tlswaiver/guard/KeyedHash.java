package dev.tlswaiver.guard;

import java.util.Arrays;

/**
 * Numbers for texts that strangers choose: SipHash-2-4 (Aumasson and Bernstein, 2012) with a secret
 * key. Who does not have the key can't make two texts that share a number, and so can't put
 * somebody else's number into a memory, nor all of their own into one place of it.
 */
public final class KeyedHash {
  /** In bytes. */
  public static final int KEY_LENGTH = 16;

  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  /** No byte that a text begins with, as they are encoded here: an old number is no text. */
  private static final byte OLD = (byte) 0xFF;

  private final long k0;
  private final long k1;

  /**
   * @param key {@value #KEY_LENGTH} bytes that nobody else knows
   */
  public KeyedHash(byte[] key) {
    if (key.length != KEY_LENGTH) {
      throw new IllegalArgumentException("a key has " + KEY_LENGTH + " bytes, not " + key.length);
    }
    k0 = word(key, 0);
    k1 = word(key, Long.BYTES);
  }

  /** The number of a text. */
  public long number(String text) {
    byte[] bytes = new byte[text.length() * 2];
    for (int i = 0; i < text.length(); i++) {
      bytes[2 * i] = (byte) (text.charAt(i) >>> 8);
      bytes[2 * i + 1] = (byte) text.charAt(i);
    }
    return sip(bytes);
  }

  /** The number of what releases before this one knew by a number without a key. */
  public long numberOfOld(long old) {
    byte[] bytes = new byte[1 + Long.BYTES];
    bytes[0] = OLD;
    for (int i = 0; i < Long.BYTES; i++) {
      bytes[1 + i] = (byte) (old >>> (8 * i));
    }
    return sip(bytes);
  }

  /** The number that releases before this one had for a text: FNV-1a with 64 bits. */
  public static long oldNumber(String text) {
    long hash = FNV_OFFSET;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * FNV_PRIME;
    }
    return hash;
  }

  /** Of the bytes themselves; the published test vectors are about this. */
  long sip(byte[] bytes) {
    long[] v = {
      k0 ^ 0x736f6d6570736575L,
      k1 ^ 0x646f72616e646f6dL,
      k0 ^ 0x6c7967656e657261L,
      k1 ^ 0x7465646279746573L
    };
    int whole = bytes.length / Long.BYTES * Long.BYTES;
    for (int at = 0; at < whole; at += Long.BYTES) {
      take(v, word(bytes, at));
    }
    byte[] rest = Arrays.copyOfRange(bytes, whole, whole + Long.BYTES);
    rest[Long.BYTES - 1] = (byte) bytes.length;
    take(v, word(rest, 0));
    v[2] ^= 0xFF;
    for (int i = 0; i < 4; i++) {
      round(v);
    }
    return v[0] ^ v[1] ^ v[2] ^ v[3];
  }

  private static void take(long[] v, long word) {
    v[3] ^= word;
    round(v);
    round(v);
    v[0] ^= word;
  }

  private static void round(long[] v) {
    v[0] += v[1];
    v[1] = Long.rotateLeft(v[1], 13) ^ v[0];
    v[0] = Long.rotateLeft(v[0], 32);
    v[2] += v[3];
    v[3] = Long.rotateLeft(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = Long.rotateLeft(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = Long.rotateLeft(v[1], 17) ^ v[2];
    v[2] = Long.rotateLeft(v[2], 32);
  }

  /** The lowest byte first. */
  private static long word(byte[] bytes, int from) {
    long word = 0;
    for (int i = Long.BYTES - 1; i >= 0; i--) {
      word = (word << 8) | (bytes[from + i] & 0xFF);
    }
    return word;
  }
}
