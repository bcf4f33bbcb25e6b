package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.postfix.PostfixVersion;
import dev.tlswaiver.actuator.postfix.ProtocolList;
import dev.tlswaiver.actuator.postfix.TlsParameters;
import dev.tlswaiver.handshake.CipherSuite;
import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Offer;
import dev.tlswaiver.waiver.Rung;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The TLS settings of the public service: those that do nothing, and those that hurt. */
final class TlsSettings implements Examination {
  /** All that a list may be about; which of them OpenSSL has is another matter. */
  private static final List<Integer> VERSIONS =
      List.of(
          ProtocolList.SSL_3,
          ProtocolList.TLS_1,
          ProtocolList.TLS_1_1,
          ProtocolList.TLS_1_2,
          ProtocolList.TLS_1_3);

  private static final Set<String> MANDATORY =
      Set.of("encrypt", "verify", "secure", "fingerprint", "dane", "dane-only");

  /** Its number among the groups (RFC 8446, 4.2.7). */
  private static final int P_256 = 23;

  private static final int USEFUL = 1;
  private static final int DUMPING = 3;

  private final Map<Rung, Offer> offers;

  /**
   * Of a host.
   *
   * @param offers what each rung's listener accepts
   */
  TlsSettings(Map<Rung, Offer> offers) {
    this.offers = offers;
  }

  @Override
  public void examine(Patient patient, Chart chart) {
    Optional<PublicService> known = patient.publicService();
    if (known.isEmpty()) {
      return;
    }
    PublicService service = known.get();
    TlsParameters parameters = service.parameters();
    examineLevel(service, parameters, chart);
    Set<Integer> library =
        offers.values().stream()
            .flatMap(offer -> offer.versions().stream())
            .collect(Collectors.toSet());
    examineProtocols(service, parameters, library, chart);
    examineCiphers(service, Optional.ofNullable(offers.get(Rung.DIAGNOSE)), chart);
    examineCurves(patient.programs(), service, chart);
    examineLogLevel(service, parameters, chart);
    examineProxy(service, parameters, chart);
  }

  private static void examineLevel(PublicService service, TlsParameters parameters, Chart chart) {
    String level = parameters.value("smtpd_tls_security_level").toLowerCase(Locale.ROOT);
    boolean isMandatory = MANDATORY.contains(level) || parameters.isMandatory();
    if (isMandatory) {
      chart.find(
          Ailment.TLS_MANDATORY,
          service.label() + " demands TLS (smtpd_tls_security_level = " + level + ").",
          service.set("smtpd_tls_security_level", "may"));
    } else if (level.equals("none") || (level.isEmpty() && !parameters.offersTls())) {
      chart.find(
          Ailment.TLS_OFF,
          service.label()
              + " has no TLS (smtpd_tls_security_level = "
              + (level.isEmpty() ? "" : level)
              + ").",
          service.set("smtpd_tls_security_level", "may"));
    } else if (!parameters.offersTls()) {
      chart.find(
          Ailment.STARTTLS_HIDDEN,
          service.label()
              + " hides STARTTLS (smtpd_discard_ehlo_keywords = "
              + parameters.value("smtpd_discard_ehlo_keywords")
              + ").",
          service.set("smtpd_discard_ehlo_keywords", ""));
    }
  }

  private static void examineProtocols(
      PublicService service, TlsParameters parameters, Set<Integer> library, Chart chart) {
    String text = parameters.protocols();
    Optional<ProtocolList> parsed = parameters.protocolList();
    String setting = parameters.protocolsName() + " = " + text;
    if (parsed.isEmpty()) {
      chart.find(
          Ailment.PROTOCOL_LIST_INVALID,
          setting
              + " has "
              + ProtocolList.unknownWord(text, parameters.version()).orElse("a word")
              + ", which Postfix "
              + parameters.version()
              + " does not know: nobody has TLS.",
          service.set(parameters.protocolsName(), floor(parameters, ProtocolList.TLS_1_2)));
      return;
    }
    if (!library.isEmpty() && library.stream().noneMatch(parsed.get()::admits)) {
      chart.find(
          Ailment.PROTOCOL_LIST_EMPTY,
          setting + " leaves no version that this host's OpenSSL has.",
          service.set(parameters.protocolsName(), floor(parameters, ProtocolList.TLS_1_2)));
      return;
    }
    List<Integer> admitted = VERSIONS.stream().filter(parsed.get()::admits).toList();
    List<Integer> dropped = silentlyDropped(text, admitted, parameters.version());
    if (!dropped.isEmpty()) {
      chart.find(
          Ailment.PROTOCOL_LIST_POSITIVE,
          setting + " drops " + names(dropped) + ", which it does not name.",
          service.set(parameters.protocolsName(), floor(parameters, admitted.get(0))));
    } else if (hasGap(admitted)) {
      chart.find(
          Ailment.PROTOCOL_LIST_GAP,
          setting + " leaves " + names(admitted) + ", with a gap between them.",
          service.set(parameters.protocolsName(), floor(parameters, lowestAboveGap(admitted))));
    }
  }

  /** Versions above the lowest one that is left, gone because others are named without a "!". */
  private static List<Integer> silentlyDropped(
      String text, List<Integer> admitted, PostfixVersion release) {
    List<String> words = ProtocolList.words(text);
    boolean isPositive = words.stream().anyMatch(word -> Character.isLetter(word.charAt(0)));
    if (!isPositive || admitted.isEmpty()) {
      return List.of();
    }
    // Exclusions and bounds are the operator's word; what only an inclusion takes is not.
    String spoken =
        words.stream()
            .filter(word -> !Character.isLetter(word.charAt(0)))
            .collect(Collectors.joining(","));
    Optional<ProtocolList> without = ProtocolList.parse(spoken, release);
    return VERSIONS.stream()
        .filter(version -> version > admitted.get(0) && !admitted.contains(version))
        .filter(version -> without.filter(list -> list.admits(version)).isPresent())
        .toList();
  }

  private static boolean hasGap(List<Integer> admitted) {
    return !admitted.isEmpty()
        && admitted.get(admitted.size() - 1) - admitted.get(0) != admitted.size() - 1;
  }

  /** Where a list without the gap begins; never above TLS 1.2, which senders still need. */
  private static int lowestAboveGap(List<Integer> admitted) {
    int lowest = admitted.get(admitted.size() - 1);
    while (admitted.contains(lowest - 1)) {
      lowest--;
    }
    return Math.min(lowest, ProtocolList.TLS_1_2);
  }

  private static String names(List<Integer> versions) {
    return versions.stream().map(ClientHello::versionName).collect(Collectors.joining(", "));
  }

  /** The list that begins at a version, as this Postfix can write it. */
  private static String floor(TlsParameters parameters, int lowest) {
    PostfixVersion version = parameters.version();
    return version.isAtLeast(3, 6)
        ? ">=" + ClientHello.versionName(lowest)
        : "!SSLv2, "
            + VERSIONS.stream()
                .filter(known -> known < lowest && ProtocolList.hasName(version, known))
                .map(known -> "!" + ClientHello.versionName(known))
                .collect(Collectors.joining(", "));
  }

  private static void examineCiphers(PublicService service, Optional<Offer> strict, Chart chart) {
    TlsParameters parameters = service.parameters();
    if (parameters.cipherList().isEmpty()) {
      String family = parameters.isMandatory() ? "smtpd_tls_mandatory_" : "smtpd_tls_";
      chart.find(
          Ailment.CIPHER_SETTINGS_INVALID,
          family
              + "ciphers = "
              + parameters.value(family + "ciphers")
              + " is no grade, or an exclusion begins with '!', '+', '-' or '@'.",
          service.set(family + "ciphers", "medium")
              + "; and name exclusions bare: "
              + service.set("smtpd_tls_exclude_ciphers", "aNULL, MD5"));
      return;
    }
    boolean isLacking =
        strict
            .filter(offer -> offer.versions().stream().anyMatch(v -> v < ProtocolList.TLS_1_3))
            .filter(offer -> offer.suites().stream().noneMatch(TlsSettings::isForwardSecret))
            .isPresent();
    if (isLacking) {
      chart.find(
          Ailment.NO_FORWARD_SECRECY,
          "Of the suites below TLS 1.3 none with forward secrecy (ECDHE, DHE) is left;"
              + " smtpd_tls_exclude_ciphers = "
              + parameters.value("smtpd_tls_exclude_ciphers")
              + ".",
          service.set("smtpd_tls_exclude_ciphers", "aNULL, MD5"));
    }
  }

  /** Later libraries have curves without being told. */
  private static void examineCurves(Programs programs, PublicService service, Chart chart) {
    boolean isOld =
        Doctor.version(programs, "openssl", "version")
            .filter(version -> version.startsWith("0.") || version.startsWith("1.0."))
            .isPresent();
    if (isOld && service.parameters().hasNoCurves()) {
      chart.find(
          Ailment.ECDHE_OFF,
          service.label() + " has smtpd_tls_eecdh_grade = none.",
          service.set("smtpd_tls_eecdh_grade", "strong"));
    }
    TlsParameters parameters = service.parameters();
    if (!parameters.groups().contains(P_256)) {
      String name = parameters.groupsName();
      String words = parameters.value(name);
      chart.find(
          Ailment.GROUPS_FEW,
          name + " = " + words + " has no P-256 (prime256v1).",
          service.set(name, name.endsWith("_curve") ? "prime256v1" : words + " prime256v1"));
    }
  }

  private static boolean isForwardSecret(int suite) {
    return CipherSuite.find(suite)
        .map(CipherSuite::name)
        .filter(name -> name.startsWith("ECDHE-") || name.startsWith("DHE-"))
        .isPresent();
  }

  private static void examineLogLevel(
      PublicService service, TlsParameters parameters, Chart chart) {
    String map = parameters.value("smtpd_tls_loglevel_maps");
    if (!map.isEmpty()) {
      chart.find(
          Ailment.TLS_LOGLEVEL_BY_SENDER,
          service.label() + " has smtpd_tls_loglevel_maps = " + map + ".",
          "let the map give nobody 0, or " + service.set("smtpd_tls_loglevel_maps", ""));
    }
    // Postfix 3.12 takes "1,trace" too.
    String text = parameters.value("smtpd_tls_loglevel").split(",", 2)[0].strip();
    int level = text.matches("[0-9]{1,2}") ? Integer.parseInt(text) : USEFUL;
    if (level < USEFUL) {
      chart.find(
          Ailment.TLS_LOGLEVEL_ZERO,
          service.label() + " has smtpd_tls_loglevel = 0.",
          service.set("smtpd_tls_loglevel", "1"));
    } else if (level >= DUMPING) {
      chart.find(
          Ailment.TLS_LOGLEVEL_HIGH,
          service.label() + " has smtpd_tls_loglevel = " + level + ".",
          service.set("smtpd_tls_loglevel", "1"));
    }
  }

  private static void examineProxy(PublicService service, TlsParameters parameters, Chart chart) {
    boolean isBehindPostscreen = !service.facing().equals(service.smtpd());
    String protocol =
        isBehindPostscreen
            ? service.facing().override("postscreen_upstream_proxy_protocol").orElse("")
            : parameters.value("smtpd_upstream_proxy_protocol");
    if (!protocol.isEmpty()) {
      chart.find(
          Ailment.PROXY_PROTOCOL,
          "The service "
              + service.facing().name()
              + " stands behind a proxy (upstream_proxy_protocol = "
              + protocol
              + ").",
          "let port "
              + service.port()
              + " be reached directly, or name in tlswaiver.yaml a service that is:"
              + " postfix.public_service; until then nobody can be waived here, and mode: observe"
              + " is all there is");
    }
  }
}
