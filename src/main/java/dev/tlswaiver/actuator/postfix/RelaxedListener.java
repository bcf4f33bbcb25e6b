package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.waiver.Rung;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The master.cf entries of one rung: the public service's own, and our overrides behind its, where
 * the last one counts. Short form ({@code -o name=value}, no blanks), which every Postfix reads.
 *
 * @param endpoints where it listens: {@code 10127}, or addresses and ports
 * @param smtpd the entry to copy: chroot column, process limit, overrides
 * @param strict the public service's parameters
 * @param key the file with the relaxed key and certificate; empty where the strict ones do
 * @param restrictions who is let in
 * @param gate what stands before the public service; empty where nothing does
 */
record RelaxedListener(
    Rung rung,
    List<String> endpoints,
    ServiceEntry smtpd,
    TlsParameters strict,
    Optional<Path> key,
    Restrictions restrictions,
    Optional<Gate> gate) {

  /**
   * Everything that is safe to negotiate at all: no anonymous, unencrypted, export or SSLv2 suite.
   */
  static final String WIDEST_CIPHERS = "ALL:!aNULL:!eNULL:!EXPORT:!LOW:!SSLv2";

  private static final List<Integer> BELOW_TLS_1_3 =
      List.of(ProtocolList.SSL_3, ProtocolList.TLS_1, ProtocolList.TLS_1_1, ProtocolList.TLS_1_2);

  private static final List<String> NEVER = List.of("aNULL", "eNULL", "EXPORT", "SSLv2");

  /** The arguments of smtpd(8), as master(8) passes them. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>(smtpd.arguments());
    for (String override : overrides()) {
      arguments.add("-o");
      arguments.add(override);
    }
    return arguments;
  }

  /** The text of its entries, ended by a newline, and before them what they do differently. */
  String text() {
    String entries =
        gate.map(
                before ->
                    before.listening(rung, endpoints, overrides(), strict.version())
                        + entry(before.passedTo(rung))
                        + before.proxying(rung, overrides()))
            .orElseGet(
                () ->
                    endpoints.stream()
                        .map(endpoint -> entry(endpoint + " inet n -"))
                        .collect(Collectors.joining()));
    return differences().stream().map(line -> "# " + line + "\n").collect(Collectors.joining())
        + entries;
  }

  private String entry(String beginning) {
    return ServiceEntry.text(beginning, smtpd.chroot(), smtpd.processLimit(), "smtpd", arguments());
  }

  /** In what it differs from the public service, for a person. */
  private List<String> differences() {
    List<String> differences = new ArrayList<>();
    differences.add(rung.label() + ": as the public service, but for this:");
    differences.add("- only who is waived is let in, anybody else is told to come again (450)");
    differences.add("- AUTH is never offered");
    switch (rung) {
      case DIAGNOSE -> differences.add("- TLS: the same, and the ClientHello is logged");
      case TLS12 -> differences.add("- TLS: 1.2 is the highest version");
      case CIPHERS -> differences.add("- TLS: every cipher that is one");
      case LEGACY -> differences.add("- TLS: from 1.0 on, every cipher that is one");
      case SSLV3 -> differences.add("- TLS: from SSLv3 on, every cipher that is one");
      case PLAINTEXT -> differences.add("- TLS: none, STARTTLS is not offered");
    }
    if (key.isPresent()) {
      differences.add(
          "- certificate: a self-signed one of tlswaiver's own, which who checks it (DANE, MTA-STS)"
              + " refuses");
    }
    if (gate.isPresent()) {
      differences.add("- postscreen has a cache of its own, and tests a newcomer once more");
    }
    return differences;
  }

  private List<String> overrides() {
    List<String> overrides = new ArrayList<>();
    overrides.add("syslog_name=postfix/tlswaiver-" + rung.label());
    overrides.add("smtpd_sasl_auth_enable=no");
    // The ClientHello is in the log from level 3 on.
    overrides.add("smtpd_tls_loglevel=3");
    if (strict.version().has(PostfixVersion.Feature.LOGLEVEL_MAPS)) {
      overrides.add("smtpd_tls_loglevel_maps=");
    }
    switch (rung) {
      case DIAGNOSE -> {
        addExclusions(overrides);
        addStrictProtocols(overrides);
      }
      case PLAINTEXT -> overrides.add("smtpd_tls_security_level=none");
      case TLS12 -> {
        addExclusions(overrides);
        addProtocols(overrides, upToTls12());
      }
      case CIPHERS -> {
        key.ifPresent(file -> addKey(overrides, file));
        addCiphers(overrides);
        addStrictProtocols(overrides);
      }
      case LEGACY -> {
        key.ifPresent(file -> addKey(overrides, file));
        addCiphers(overrides);
        addProtocols(overrides, "!SSLv2,!SSLv3");
      }
      case SSLV3 -> {
        key.ifPresent(file -> addKey(overrides, file));
        addCiphers(overrides);
        addProtocols(overrides, "!SSLv2");
      }
    }
    // A session made with one set of terms is never taken up with another.
    overrides.add("smtpd_tls_session_cache_database=");
    overrides.addAll(restrictions.overrides());
    return overrides;
  }

  /** Where the weakness of an old protocol could touch the strict key. */
  private void addKey(List<String> overrides, Path file) {
    overrides.add("smtpd_tls_cert_file=" + file);
    overrides.add("smtpd_tls_key_file=" + file);
    for (String kind : List.of("dcert", "dkey", "eccert", "eckey")) {
      overrides.add("smtpd_tls_" + kind + "_file=");
    }
    if (strict.version().has(PostfixVersion.Feature.CHAIN_FILES)) {
      overrides.add("smtpd_tls_chain_files=");
      overrides.add("tls_server_sni_maps=");
    }
  }

  /** The public list without what must never be offered, where the operator offers it. */
  private void addExclusions(List<String> overrides) {
    List<String> exclusions = new ArrayList<>(strict.exclusions());
    NEVER.stream().filter(word -> !exclusions.contains(word)).forEach(exclusions::add);
    overrides.add("smtpd_tls_exclude_ciphers=" + String.join(",", exclusions));
    overrides.add("smtpd_tls_mandatory_exclude_ciphers=");
  }

  private void addCiphers(List<String> overrides) {
    for (String family : List.of("smtpd_tls_", "smtpd_tls_mandatory_")) {
      overrides.add(family + "ciphers=medium");
      overrides.add(family + "exclude_ciphers=");
    }
    // An exclusion within the grade's own list can't be lifted: the list is replaced.
    overrides.add("tls_medium_cipherlist=" + WIDEST_CIPHERS);
    if (strict.hasNoCurves()) {
      boolean hasAuto = strict.version().has(PostfixVersion.Feature.AUTO_CURVES);
      overrides.add("smtpd_tls_eecdh_grade=" + (hasAuto ? "auto" : "strong"));
    }
  }

  private static void addProtocols(List<String> overrides, String list) {
    overrides.add("smtpd_tls_protocols=" + list);
    overrides.add("smtpd_tls_mandatory_protocols=" + list);
  }

  /** The public list, but for what must never be offered where the operator offers it. */
  private void addStrictProtocols(List<String> overrides) {
    boolean hasSslv2 =
        strict.protocolList().filter(list -> list.admits(ProtocolList.SSL_2)).isPresent();
    if (hasSslv2) {
      addProtocols(overrides, withoutSslv2(ProtocolList.words(strict.protocols())));
    }
  }

  private static String withoutSslv2(List<String> words) {
    if (words.stream().anyMatch("!SSLv2"::equalsIgnoreCase)) {
      return String.join(",", words);
    }
    List<String> left = words.stream().filter(word -> !word.equalsIgnoreCase("SSLv2")).toList();
    // What is named excludes everything else.
    return left.stream().anyMatch(word -> Character.isLetter(word.charAt(0)))
        ? String.join(",", left)
        : Stream.concat(left.stream(), Stream.of("!SSLv2")).collect(Collectors.joining(","));
  }

  /** The public list without TLS 1.3, in whichever of its three forms it is written. */
  private String upToTls12() {
    if (isTls13Alone()) {
      return "TLSv1.2";
    }
    List<String> words = ProtocolList.words(strict.protocols());
    boolean isByBounds =
        words.stream().anyMatch(word -> word.startsWith(">=") || word.startsWith("<="));
    boolean isByExclusion = words.stream().allMatch(word -> word.startsWith("!"));
    if (isByBounds) {
      return words.stream().filter(word -> !word.startsWith("<=")).collect(Collectors.joining(","))
          + ",<=TLSv1.2";
    }
    return isByExclusion
        ? withoutSslv2(words) + withoutTls13()
        : words.stream()
            .filter(word -> !word.equalsIgnoreCase("TLSv1.3") && !word.equalsIgnoreCase("SSLv2"))
            .collect(Collectors.joining(","));
  }

  /** A release that does not know the word takes it for a mistake, and has no TLS at all. */
  private String withoutTls13() {
    return ProtocolList.hasName(strict.version(), ProtocolList.TLS_1_3) ? ",!TLSv1.3" : "";
  }

  /** Such a list without TLS 1.3 is empty, which means everything. */
  private boolean isTls13Alone() {
    return strict.protocolList().filter(list -> list.of(BELOW_TLS_1_3).isEmpty()).isPresent();
  }
}
