package dev.tlswaiver.report;

/**
 * How many different numbers were seen: exactly up to a bound, beyond it to about one in a hundred,
 * so that no log is too large. Numbers are taken as hashes.
 */
final class DistinctCount {
  private static final int MOST_EXACT = 1 << 15;

  /** HyperLogLog (Flajolet and others, 2007): this many registers make an error of 0.8 %. */
  private static final int REGISTER_BITS = 14;

  private static final int REGISTERS = 1 << REGISTER_BITS;
  private static final long PRIME = 0x9E3779B97F4A7C15L;

  private LongSet exact = new LongSet();
  private byte[] registers = new byte[0];

  void add(long number) {
    long hash = mix(number);
    if (registers.length > 0) {
      register(hash);
    } else if (exact.add(hash) && exact.size() > MOST_EXACT) {
      estimate();
    }
  }

  private static long mix(long number) {
    long hash = (number ^ (number >>> 32)) * PRIME;
    hash = (hash ^ (hash >>> 29)) * PRIME;
    hash ^= hash >>> 32;
    return hash == 0 ? 1 : hash;
  }

  private void estimate() {
    registers = new byte[REGISTERS];
    for (long hash : exact.toArray()) {
      register(hash);
    }
    exact = new LongSet();
  }

  private void register(long hash) {
    int index = (int) (hash >>> (Long.SIZE - REGISTER_BITS));
    int rank = Long.numberOfLeadingZeros(hash << REGISTER_BITS) + 1;
    registers[index] = (byte) Math.max(registers[index], Math.min(rank, 64 - REGISTER_BITS + 1));
  }

  int count() {
    if (registers.length == 0) {
      return exact.size();
    }
    double sum = 0;
    for (byte register : registers) {
      sum += Math.pow(2, -register);
    }
    double alpha = 0.7213 / (1 + 1.079 / REGISTERS);
    return (int) Math.round(alpha * REGISTERS * REGISTERS / sum);
  }
}
