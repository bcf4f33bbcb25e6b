package dev.tlswaiver.handshake;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Takes a ClientHello apart. The bytes are a stranger's: each length is checked against what is
 * there before it is used.
 */
final class HelloReader {
  /** The longest hello that is read: OpenSSL takes no longer one (SSL3_RT_MAX_PLAIN_LENGTH). */
  static final int MOST_BYTES = 16_384;

  private static final int HANDSHAKE_RECORD = 22;
  private static final int CLIENT_HELLO = 1;
  private static final int SUPPORTED_GROUPS = 10;
  private static final int SIGNATURE_ALGORITHMS = 13;
  private static final int SUPPORTED_VERSIONS = 43;
  private static final int FALLBACK = 0x5600;

  /** What OpenSSL up to 1.0.2 reads of a hello before it refuses the version (s23_srvr.c). */
  private static final int BEGINNING = 11;

  /** More suites than anybody offers who wants to be understood; what is behind is left out. */
  private static final int MOST_SUITES = 256;

  /** The same for versions, groups and signature schemes. */
  private static final int MOST_OTHERS = 64;

  /** The bytes end before the hello does, or are none. */
  private static final class NoHello extends Exception {
    private static final long serialVersionUID = 1L;

    NoHello() {
      super("no hello", null, false, false);
    }
  }

  /** A part of the bytes, read from its beginning. */
  private static final class Part {
    private final byte[] bytes;
    private final int end;
    private int at;

    Part(byte[] bytes, int at, int end) {
      this.bytes = bytes;
      this.at = at;
      this.end = end;
    }

    boolean isEmpty() {
      return at >= end;
    }

    int number(int length) throws NoHello {
      int number = 0;
      for (int i = 0; i < length; i++) {
        if (isEmpty()) {
          throw new NoHello();
        }
        number = (number << 8) | (bytes[at++] & 0xFF);
      }
      return number;
    }

    Part part(int length) throws NoHello {
      if (length > end - at) {
        throw new NoHello();
      }
      at += length;
      return new Part(bytes, at - length, at);
    }

    List<Integer> numbers(int length, int most) throws NoHello {
      List<Integer> numbers = new ArrayList<>();
      while (end - at >= length && numbers.size() < most) {
        numbers.add(number(length));
      }
      return numbers;
    }
  }

  private HelloReader() {}

  static Optional<ClientHello> read(byte[] bytes) {
    try {
      boolean isSslv2 = bytes.length > 2 && (bytes[0] & 0x80) != 0 && bytes[2] == CLIENT_HELLO;
      return Optional.of(isSslv2 ? sslv2(bytes) : tls(message(bytes)));
    } catch (NoHello incomplete) {
      return Optional.empty();
    }
  }

  /**
   * The version that a hello asks for of which no more was read than its beginning. Its suites are
   * not known. What is read further has more to say than that, and is not read here: a newer peer
   * names its versions behind.
   */
  static Optional<ClientHello> readBeginning(byte[] bytes) {
    if (bytes.length != BEGINNING) {
      return Optional.empty();
    }
    boolean isSslv2 = (bytes[0] & 0x80) != 0 && bytes[2] == CLIENT_HELLO;
    boolean isTls = bytes[0] == HANDSHAKE_RECORD && bytes[1] == 3 && bytes[5] == CLIENT_HELLO;
    int at = isSslv2 ? 3 : 9;
    int version = ((bytes[at] & 0xFF) << 8) | (bytes[at + 1] & 0xFF);
    return isSslv2 || isTls
        ? Optional.of(ClientHello.ofVersion(version)).filter(ClientHello::isOfKnownVersion)
        : Optional.empty();
  }

  /** The handshake message, which may be cut into several records. */
  private static Part message(byte[] bytes) throws NoHello {
    Part records = new Part(bytes, 0, bytes.length);
    byte[] message = new byte[MOST_BYTES];
    int length = 0;
    while (length < 4 || length < 4 + messageLength(message)) {
      if (records.number(1) != HANDSHAKE_RECORD) {
        throw new NoHello();
      }
      records.number(2);
      Part body = records.part(records.number(2));
      int size = body.end - body.at;
      if (size == 0 || size > message.length - length) {
        throw new NoHello();
      }
      System.arraycopy(bytes, body.at, message, length, size);
      length += size;
    }
    if (message[0] != CLIENT_HELLO) {
      throw new NoHello();
    }
    return new Part(message, 4, 4 + messageLength(message));
  }

  private static int messageLength(byte[] message) {
    return ((message[1] & 0xFF) << 16) | ((message[2] & 0xFF) << 8) | (message[3] & 0xFF);
  }

  private static ClientHello tls(Part hello) throws NoHello {
    int legacyVersion = hello.number(2);
    hello.part(32); // The random bytes.
    hello.part(hello.number(1)); // The session's id.
    List<Integer> offered = hello.part(hello.number(2)).numbers(2, MOST_SUITES);
    hello.part(hello.number(1)); // Compression methods.
    List<Integer> versions = List.of();
    List<Integer> groups = List.of();
    List<Integer> schemes = List.of();
    Part extensions = hello.isEmpty() ? new Part(new byte[0], 0, 0) : hello.part(hello.number(2));
    while (!extensions.isEmpty()) {
      int type = extensions.number(2);
      Part extension = extensions.part(extensions.number(2));
      switch (type) {
        case SUPPORTED_VERSIONS ->
            versions = extension.part(extension.number(1)).numbers(2, MOST_OTHERS);
        case SUPPORTED_GROUPS ->
            groups = extension.part(extension.number(2)).numbers(2, MOST_OTHERS);
        case SIGNATURE_ALGORITHMS ->
            schemes = extension.part(extension.number(2)).numbers(2, MOST_OTHERS);
        default -> {
          // Others say nothing about what could be agreed on.
        }
      }
    }
    List<Integer> real =
        versions.stream()
            .filter(version -> !CipherSuites.isGrease(version))
            .sorted(Comparator.reverseOrder())
            .toList();
    return new ClientHello(
        real.isEmpty() ? legacyVersion : real.get(0),
        real,
        suites(offered),
        groups.stream().filter(group -> !CipherSuites.isGrease(group)).toList(),
        schemes.stream().filter(scheme -> !CipherSuites.isGrease(scheme)).toList(),
        offered.contains(FALLBACK));
  }

  /** RFC 5246, E.2: the form of SSLv2, in which old peers offer newer versions too. */
  private static ClientHello sslv2(byte[] bytes) throws NoHello {
    Part record = new Part(bytes, 0, bytes.length);
    Part hello = record.part(2 + (((bytes[0] & 0x7F) << 8) | (bytes[1] & 0xFF)));
    hello.number(3); // The length and the type.
    int version = hello.number(2);
    int specs = hello.number(2);
    hello.number(4); // The lengths of the session's id and the challenge.
    List<Integer> offered = hello.part(specs).numbers(3, MOST_SUITES);
    return new ClientHello(
        version, List.of(), suites(offered), List.of(), List.of(), offered.contains(FALLBACK));
  }

  private static List<Integer> suites(List<Integer> offered) {
    return offered.stream().filter(suite -> !CipherSuites.isSignal(suite)).toList();
  }
}
