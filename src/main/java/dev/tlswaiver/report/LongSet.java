package dev.tlswaiver.report;

/** A set of numbers without a box around each. Zero can't be in it. */
final class LongSet {
  private long[] table = new long[16]; // Open addressing; 0 is a free place.
  private int size;

  int size() {
    return size;
  }

  boolean contains(long number) {
    return table[place(table, number)] == number;
  }

  /** Adds a number, and returns whether it was new. */
  boolean add(long number) {
    int at = place(table, number);
    if (table[at] == number) {
      return false;
    }
    table[at] = number;
    size++;
    if (size > table.length / 2) {
      long[] larger = new long[table.length * 2];
      for (long known : table) {
        if (known != 0) {
          larger[place(larger, known)] = known;
        }
      }
      table = larger;
    }
    return true;
  }

  /** Where the number is, or would be. */
  private static int place(long[] table, long number) {
    int mask = table.length - 1;
    int at = (int) (number ^ (number >>> 32)) & mask;
    while (table[at] != 0 && table[at] != number) {
      at = (at + 1) & mask;
    }
    return at;
  }

  long[] toArray() {
    return java.util.Arrays.stream(table).filter(number -> number != 0).toArray();
  }
}
