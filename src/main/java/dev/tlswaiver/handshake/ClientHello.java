package dev.tlswaiver.handshake;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a peer offered in its first message: the offer, never the bytes.
 *
 * @param version the number of the highest version offered: 0x0303 for TLS 1.2
 * @param versions all versions, highest first, where the peer listed them; else empty
 * @param suites numbers of the cipher suites in the peer's order, without signals; empty where the
 *     server looked at the version alone
 * @param groups numbers of the groups (RFC 8446, 4.2.7)
 * @param signatureAlgorithms numbers of the signature schemes (RFC 8446, 4.2.3)
 * @param isFallback whether the peer says that it could do better (RFC 7507)
 */
public record ClientHello(
    int version,
    List<Integer> versions,
    List<Integer> suites,
    List<Integer> groups,
    List<Integer> signatureAlgorithms,
    boolean isFallback) {
  private static final Map<Integer, String> VERSIONS =
      Map.of(
          0x0002, "SSLv2",
          0x0300, "SSLv3",
          0x0301, "TLSv1",
          0x0302, "TLSv1.1",
          0x0303, "TLSv1.2",
          0x0304, "TLSv1.3");

  private static final Map<Integer, String> GROUPS =
      Map.ofEntries(
          Map.entry(19, "P-192"),
          Map.entry(21, "P-224"),
          Map.entry(23, "P-256"),
          Map.entry(24, "P-384"),
          Map.entry(25, "P-521"),
          Map.entry(29, "X25519"),
          Map.entry(30, "X448"),
          Map.entry(256, "ffdhe2048"),
          Map.entry(257, "ffdhe3072"),
          Map.entry(258, "ffdhe4096"),
          Map.entry(259, "ffdhe6144"),
          Map.entry(260, "ffdhe8192"),
          Map.entry(0x0200, "MLKEM512"),
          Map.entry(0x0201, "MLKEM768"),
          Map.entry(0x0202, "MLKEM1024"),
          Map.entry(0x11EB, "SecP256r1MLKEM768"),
          Map.entry(0x11EC, "X25519MLKEM768"),
          Map.entry(0x11ED, "SecP384r1MLKEM1024"));

  /** The names that those groups had as curves (RFC 8422, appendix A). */
  private static final Map<String, String> CURVES =
      Map.of(
          "prime192v1", "P-192",
          "secp224r1", "P-224",
          "prime256v1", "P-256",
          "secp256r1", "P-256",
          "secp384r1", "P-384",
          "secp521r1", "P-521");

  private static final Map<Integer, String> SCHEMES =
      Map.ofEntries(
          Map.entry(0x0101, "RSA+MD5"),
          Map.entry(0x0201, "RSA+SHA1"),
          Map.entry(0x0202, "DSA+SHA1"),
          Map.entry(0x0203, "ECDSA+SHA1"),
          Map.entry(0x0301, "RSA+SHA224"),
          Map.entry(0x0303, "ECDSA+SHA224"),
          Map.entry(0x0401, "RSA+SHA256"),
          Map.entry(0x0403, "ECDSA+SHA256"),
          Map.entry(0x0501, "RSA+SHA384"),
          Map.entry(0x0503, "ECDSA+SHA384"),
          Map.entry(0x0601, "RSA+SHA512"),
          Map.entry(0x0603, "ECDSA+SHA512"),
          Map.entry(0x0804, "RSA-PSS+SHA256"),
          Map.entry(0x0805, "RSA-PSS+SHA384"),
          Map.entry(0x0806, "RSA-PSS+SHA512"),
          Map.entry(0x0807, "ed25519"),
          Map.entry(0x0808, "ed448"));

  public ClientHello {
    versions = List.copyOf(versions);
    suites = List.copyOf(suites);
    groups = List.copyOf(groups);
    signatureAlgorithms = List.copyOf(signatureAlgorithms);
  }

  /** A hello of which no more is known than its version. */
  static ClientHello ofVersion(int version) {
    return new ClientHello(version, List.of(), List.of(), List.of(), List.of(), false);
  }

  /** Whether it says which suites the peer has: an old OpenSSL refuses a version without a look. */
  public boolean hasSuites() {
    return !suites.isEmpty();
  }

  boolean isOfKnownVersion() {
    return VERSIONS.containsKey(version);
  }

  /**
   * Whether this version is offered. Without a list every version up to the highest is, though the
   * peer may yet refuse it.
   */
  boolean offersVersion(int number) {
    return versions.isEmpty() ? number <= version : versions.contains(number);
  }

  /** The highest version offered, as Postfix spells it. */
  public String versionName() {
    return versionName(version);
  }

  /** A version as Postfix spells it. */
  public static String versionName(int version) {
    return VERSIONS.getOrDefault(version, number(version));
  }

  /** OpenSSL's names of the suites; the number of one that today's OpenSSL does not have. */
  public List<String> suiteNames() {
    return suites.stream()
        .map(suite -> CipherSuites.name(suite).orElseGet(() -> number(suite)))
        .toList();
  }

  /** The suites for a person: also those that only an older OpenSSL has. */
  public List<String> suiteWords() {
    return suites.stream()
        .map(
            suite ->
                CipherSuites.name(suite)
                    .or(() -> CipherSuites.formerName(suite).map(name -> name + " (gone)"))
                    .orElseGet(() -> number(suite)))
        .toList();
  }

  /** The number of a group by any of its names, as OpenSSL takes it in a list. */
  public static Optional<Integer> group(String name) {
    String known = CURVES.getOrDefault(name.toLowerCase(Locale.ROOT), name);
    return GROUPS.entrySet().stream()
        .filter(group -> group.getValue().equalsIgnoreCase(known))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  public List<String> groupNames() {
    return groups.stream().map(group -> GROUPS.getOrDefault(group, number(group))).toList();
  }

  public List<String> signatureAlgorithmNames() {
    return signatureAlgorithms.stream()
        .map(scheme -> SCHEMES.getOrDefault(scheme, number(scheme)))
        .toList();
  }

  private static String number(int number) {
    return String.format(Locale.ROOT, number > 0xFFFF ? "0x%06X" : "0x%04X", number);
  }

  /**
   * The hello that a client's first bytes hold, as records of TLS or as one of SSLv2's format;
   * empty while it is not whole, and where the bytes are none. Never throws.
   */
  public static Optional<ClientHello> parse(byte[] bytes) {
    return HelloReader.read(bytes);
  }
}
