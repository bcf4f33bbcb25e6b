package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Offer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The parameters about TLS as one smtpd(8) service sees them: main.cf's under the service's own
 * overrides, with {@code $name} expanded. What smtpd makes of them is read in its source, smtpd.c
 * and tls_misc.c.
 */
public record TlsParameters(PostfixVersion version, Map<String, String> values) {
  private static final List<String> NAMES =
      List.of(
          "mail_version",
          "myhostname",
          "smtpd_discard_ehlo_keywords",
          "smtpd_enforce_tls",
          "smtpd_tls_ask_ccert",
          "smtpd_tls_CAfile",
          "smtpd_tls_CApath",
          "smtpd_tls_cert_file",
          "smtpd_tls_chain_files",
          "smtpd_tls_ciphers",
          "smtpd_tls_dcert_file",
          "smtpd_tls_dkey_file",
          "smtpd_tls_eccert_file",
          "smtpd_tls_eckey_file",
          "smtpd_tls_eecdh_grade",
          "smtpd_tls_exclude_ciphers",
          "smtpd_tls_key_file",
          "smtpd_tls_loglevel",
          "smtpd_tls_loglevel_maps",
          "smtpd_tls_mandatory_ciphers",
          "smtpd_tls_mandatory_exclude_ciphers",
          "smtpd_tls_mandatory_protocols",
          "smtpd_tls_protocols",
          "smtpd_tls_req_ccert",
          "smtpd_tls_security_level",
          "smtpd_tls_wrappermode",
          "smtpd_upstream_proxy_protocol",
          "smtpd_use_tls",
          "tls_eecdh_auto_curves",
          "tls_eecdh_strong_curve",
          "tls_eecdh_ultra_curve",
          "tls_export_cipherlist",
          "tls_high_cipherlist",
          "tls_low_cipherlist",
          "tls_medium_cipherlist",
          "tls_null_cipherlist");

  private static final Pattern SEPARATORS = Pattern.compile("[\\s,]+");
  private static final Pattern CIPHER_SEPARATORS = Pattern.compile("[\\s,:]+");

  /** As in a list of groups of OpenSSL's, from 3.5 on with slashes. */
  private static final Pattern GROUP_SEPARATORS = Pattern.compile("[\\s,:/]+");

  private static final Set<String> CURVE_GRADES = Set.of("strong", "ultra");

  /** The levels of smtpd_tls_security_level that demand TLS; smtpd takes all for the first. */
  private static final Set<String> ENFORCING = Set.of("encrypt", "verify", "secure", "fingerprint");

  public TlsParameters {
    values = Map.copyOf(values);
  }

  /** Those of the service that master(8) starts with these arguments. */
  public static TlsParameters read(Programs programs, Path directory, List<String> arguments)
      throws HostException {
    Map<String, String> values =
        new MainFile(programs, directory).values(ServiceEntry.overrides(arguments), NAMES);
    PostfixVersion version = PostfixVersion.parse(values.getOrDefault("mail_version", ""));
    return new TlsParameters(version, values);
  }

  /** The value; empty also where this Postfix does not have the parameter yet. */
  public String value(String name) {
    return values.getOrDefault(name, "");
  }

  private boolean isYes(String name) {
    return value(name).equalsIgnoreCase("yes");
  }

  /** Whether a peer can negotiate TLS at all. */
  public boolean offersTls() {
    boolean isHidden =
        SEPARATORS
            .splitAsStream(value("smtpd_discard_ehlo_keywords"))
            .anyMatch("starttls"::equalsIgnoreCase);
    return isWrapped() || (usesTls() && !isHidden);
  }

  private boolean isWrapped() {
    return isYes("smtpd_tls_wrappermode");
  }

  private boolean usesTls() {
    String level = level();
    return level.isEmpty()
        ? isYes("smtpd_use_tls") || isYes("smtpd_enforce_tls")
        : level.equals("may") || ENFORCING.contains(level);
  }

  /** Whether the parameters of mandatory TLS count. */
  public boolean isMandatory() {
    String level = level();
    return isWrapped()
        || (level.isEmpty() ? isYes("smtpd_enforce_tls") : ENFORCING.contains(level));
  }

  private String level() {
    return value("smtpd_tls_security_level").toLowerCase(Locale.ROOT);
  }

  /** The protocol list that counts. */
  public String protocols() {
    return value(protocolsName());
  }

  /** What this release makes of it; empty where that switches TLS off in the service. */
  public Optional<ProtocolList> protocolList() {
    return ProtocolList.parse(protocols(), version);
  }

  /** The name of the parameter whose protocol list counts. */
  public String protocolsName() {
    return isMandatory() ? "smtpd_tls_mandatory_protocols" : "smtpd_tls_protocols";
  }

  /** What the grade's list is to be without. */
  List<String> exclusions() {
    List<String> exclusions = new ArrayList<>(words("smtpd_tls_exclude_ciphers"));
    if (isMandatory()) {
      exclusions.addAll(words("smtpd_tls_mandatory_exclude_ciphers"));
    }
    if (asksForCertificate()) {
      exclusions.add("aNULL");
    }
    return exclusions;
  }

  private List<String> words(String name) {
    return CIPHER_SEPARATORS.splitAsStream(value(name)).filter(word -> !word.isEmpty()).toList();
  }

  private boolean asksForCertificate() {
    return isYes("smtpd_tls_ask_ccert") || (isMandatory() && isYes("smtpd_tls_req_ccert"));
  }

  /**
   * Whether smtpd does without ephemeral elliptic curves (tls_dh.c); OpenSSL 1.1.0 and later have
   * them all the same.
   */
  public boolean hasNoCurves() {
    return value("smtpd_tls_eecdh_grade").equalsIgnoreCase("none");
  }

  /**
   * The groups that smtpd enables (tls_dh.c), as far as they have a number here. It leaves out what
   * the library does not know, and a list of which nothing is left for the library's own. Before
   * Postfix 3.6 a grade may be one curve, or say that nobody names any.
   */
  public Set<Integer> groups() {
    List<String> words =
        GROUP_SEPARATORS
            .splitAsStream(value(groupsName()))
            .filter(word -> !word.isEmpty())
            .map(word -> word.replaceFirst("^[?*]+", ""))
            .toList();
    Set<Integer> groups =
        words.stream()
            .flatMap(word -> ClientHello.group(word).stream())
            .collect(Collectors.toCollection(TreeSet::new));
    boolean isTheLibrarys =
        groups.isEmpty()
            || (hasNoCurves() && hasGrades())
            || words.stream().anyMatch(word -> word.startsWith("-") || word.equals("DEFAULT"));
    if (isTheLibrarys) {
      groups.addAll(Offer.GROUPS);
    }
    return groups;
  }

  /** The name of the parameter whose groups count. */
  public String groupsName() {
    String grade = value("smtpd_tls_eecdh_grade").toLowerCase(Locale.ROOT);
    boolean isOneCurve = hasGrades() && CURVE_GRADES.contains(grade);
    return "tls_eecdh_" + (isOneCurve ? grade + "_curve" : "auto_curves");
  }

  private boolean hasGrades() {
    return !version.has(PostfixVersion.Feature.NO_GRADES_OF_CURVES);
  }

  /** The cipher list, as Postfix hands it to OpenSSL; empty where it refuses to. */
  public Optional<String> cipherList() {
    List<String> exclusions = exclusions();
    if (exclusions.stream().anyMatch(word -> "!+-@".indexOf(word.charAt(0)) >= 0)) {
      return Optional.empty();
    }
    return grade()
        .map(list -> list + String.join("", exclusions.stream().map(x -> ":!" + x).toList()));
  }

  private Optional<String> grade() {
    String grade =
        value(isMandatory() ? "smtpd_tls_mandatory_ciphers" : "smtpd_tls_ciphers")
            .toLowerCase(Locale.ROOT);
    return switch (grade) {
      case "high", "medium", "null" -> Optional.of(value("tls_" + grade + "_cipherlist"));
      // Since Postfix 3.8 these are other words for medium.
      case "low", "export" ->
          Optional.of(
              value(
                  "tls_"
                      + (version.has(PostfixVersion.Feature.NO_WEAK_GRADES) ? "medium" : grade)
                      + "_cipherlist"));
      default -> Optional.empty();
    };
  }

  /** The files of keys and certificates, each key before its own; empty where others count. */
  List<String> chainFiles() {
    return files("smtpd_tls_chain_files");
  }

  /** The files that begin with a certificate of their own; they count without chain files. */
  List<String> certificateFiles() {
    List<String> files = new ArrayList<>();
    for (String kind : List.of("cert", "dcert", "eccert")) {
      files.addAll(files("smtpd_tls_" + kind + "_file"));
    }
    // This is how an operator says that there shall be no certificate.
    files.removeIf("none"::equalsIgnoreCase);
    return files;
  }

  private List<String> files(String name) {
    return SEPARATORS.splitAsStream(value(name)).filter(word -> !word.isEmpty()).toList();
  }

  /** Whether smtpd offers TLS without a certificate too, with anonymous suites alone. */
  public boolean needsNoCertificate() {
    return value("smtpd_tls_cert_file").equalsIgnoreCase("none") && !asksForCertificate();
  }
}
