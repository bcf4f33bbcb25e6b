package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Programs.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The OpenSSL library of this host, as the openssl command knows it, at the security level of
 * smtpd(8), which is 0.
 */
record OpenSsl(Programs programs) {
  private static final Map<Integer, String> OPTIONS = options();

  /** The version's column of a suite of TLS 1.3. */
  private static final String OF_TLS_1_3 = "TLSv1.3";

  /**
   * A line of {@code openssl ciphers -V}.
   *
   * @param protocol the version that the suite came with: {@code TLSv1.2}
   * @param keyExchange {@code RSA} for the static one, {@code ECDH}, {@code any} with TLS 1.3
   * @param authentication the kind of certificate that serves it: {@code RSA}, {@code ECDSA},
   *     {@code None} for an anonymous one, {@code any} with TLS 1.3
   * @param encryption {@code AESGCM(256)}; {@code None} for none at all
   */
  record Suite(
      int number,
      String name,
      String protocol,
      String keyExchange,
      String authentication,
      String encryption) {
    // Numbers of three bytes are those of SSLv2.
    private static final Pattern LINE =
        Pattern.compile(
            "\\s*0x([0-9A-F]{2}),0x([0-9A-F]{2}) - (\\S+)\\s+(\\S+)\\s+Kx=(\\S+)\\s+Au=(\\S+)\\s+Enc=(\\S+)\\s.*");

    static Optional<Suite> find(String line) {
      Matcher matcher = LINE.matcher(line);
      return matcher.matches()
          ? Optional.of(
              new Suite(
                  Integer.parseInt(matcher.group(1) + matcher.group(2), 16),
                  matcher.group(3),
                  matcher.group(4),
                  matcher.group(5),
                  matcher.group(6),
                  matcher.group(7)))
          : Optional.empty();
    }

    /**
     * Whether the certificate's key itself decrypts: what Bleichenbacher's kind of attack needs.
     */
    boolean isStaticRsa() {
      return keyExchange.equals("RSA");
    }

    /** Whether its key is agreed on with an ephemeral elliptic curve. */
    boolean needsCurve() {
      return name.startsWith("ECDHE-") || name.startsWith("AECDH-");
    }

    /** Whether anybody on the way could read or replace what it protects. */
    boolean isWorthless() {
      return authentication.equals("None")
          || encryption.equals("None")
          || name.startsWith("EXP-")
          || name.startsWith("EXP1024-")
          || protocol.equals("SSLv2");
    }
  }

  private static Map<Integer, String> options() {
    Map<Integer, String> options = new LinkedHashMap<>();
    options.put(ProtocolList.SSL_3, "-ssl3");
    options.put(ProtocolList.TLS_1, "-tls1");
    options.put(ProtocolList.TLS_1_1, "-tls1_1");
    options.put(ProtocolList.TLS_1_2, "-tls1_2");
    options.put(ProtocolList.TLS_1_3, "-tls1_3");
    return options;
  }

  /**
   * Whether it has no curves but those that the program names: before OpenSSL 1.1.0, whose servers
   * choose one by themselves (CHANGES).
   */
  boolean waitsForCurves() throws HostException {
    return programs.output("openssl", "version").matches("(?s)OpenSSL (0\\.|1\\.0\\.).*");
  }

  /** The protocol versions that were not left out when it was built. */
  NavigableSet<Integer> versions() throws HostException {
    NavigableSet<Integer> versions = new TreeSet<>();
    for (Map.Entry<Integer, String> option : OPTIONS.entrySet()) {
      List<Suite> suites = suites("ALL", List.of(option.getValue()));
      // OpenSSL 1.0 takes an option that it does not know for a list of ciphers, and the next
      // word for a better one.
      boolean isServed =
          option.getKey() == ProtocolList.TLS_1_3
              ? suites.stream().anyMatch(suite -> suite.protocol().equals(OF_TLS_1_3))
              : !suites.isEmpty();
      if (isServed) {
        versions.add(option.getKey());
      }
    }
    return versions;
  }

  /** The suites that a cipher list selects; none where it is refused, as Postfix then does too. */
  List<Suite> suites(String list) throws HostException {
    return suites(list, List.of());
  }

  /** The names of suites of the list that must never be offered. */
  List<String> worthless(String list) throws HostException {
    return list.isEmpty()
        ? List.of()
        : suites(list).stream().filter(Suite::isWorthless).map(Suite::name).toList();
  }

  private List<Suite> suites(String list, List<String> options) throws HostException {
    Result atLevel0 = ciphers(list.contains("@SECLEVEL") ? list : list + ":@SECLEVEL=0", options);
    // Security levels came with OpenSSL 1.1.0; before, naming one is a mistake.
    Result result = atLevel0.isGood() ? atLevel0 : ciphers(list, options);
    return result.isGood()
        ? result.out().lines().flatMap(line -> Suite.find(line).stream()).toList()
        : List.of();
  }

  private Result ciphers(String list, List<String> options) throws HostException {
    List<String> command = new ArrayList<>(List.of("openssl", "ciphers", "-s", "-V"));
    command.addAll(options);
    command.addAll(List.of("--", list));
    return programs.run(command.toArray(String[]::new));
  }
}
