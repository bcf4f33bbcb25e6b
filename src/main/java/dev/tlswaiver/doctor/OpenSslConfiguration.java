package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.postfix.PostfixVersion;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What openssl.cnf, or a crypto policy that it includes, takes from every rung. Its CipherString is
 * none of that: Postfix sets list and security level itself.
 */
final class OpenSslConfiguration implements Examination {
  private static final Pattern DIRECTORY = Pattern.compile("OPENSSLDIR: \"([^\"]+)\"");
  private static final Pattern SETTING =
      Pattern.compile("\\s*(?:TLS\\.)?(MinProtocol|SignatureAlgorithms)\\s*=\\s*(\\S.*?)\\s*");

  @Override
  public void examine(Patient patient, Chart chart) throws HostException {
    Matcher directory = DIRECTORY.matcher(patient.programs().output("openssl", "version", "-d"));
    Optional<PublicService> service = patient.publicService();
    if (!directory.find() || service.isEmpty()) {
      return;
    }
    PostfixVersion postfix = service.get().parameters().version();
    for (Path file :
        java.util.List.of(
            Path.of(directory.group(1), "openssl.cnf"),
            patient.root().resolve("etc/crypto-policies/back-ends/opensslcnf.config"))) {
      for (String line : TextFile.lines(file)) {
        Matcher setting = SETTING.matcher(line);
        if (setting.matches()) {
          examine(setting.group(1), setting.group(2), file, postfix, chart);
        }
      }
    }
  }

  static void examine(String name, String value, Path file, PostfixVersion postfix, Chart chart) {
    boolean isOld = value.matches("(?i)SSLv3|TLSv1|TLSv1\\.0|None");
    if (name.equals("MinProtocol") && !isOld && !postfix.isAtLeast(3, 6)) {
      chart.find(
          Ailment.OPENSSL_MIN_PROTOCOL,
          file + " says MinProtocol = " + value + ", and this is Postfix " + postfix + ".",
          "MinProtocol = None in " + file + " (smtpd_tls_protocols still counts), or Postfix 3.6");
    }
    if (name.equals("SignatureAlgorithms")
        && !value.toUpperCase(java.util.Locale.ROOT).contains("SHA1")) {
      chart.find(
          Ailment.OPENSSL_SIGNATURE_ALGORITHMS,
          file + " says SignatureAlgorithms = " + value + ".",
          postfix.isAtLeast(3, 9)
              ? "postconf -e 'tls_config_file = none'"
              : "a line of " + file + " without SignatureAlgorithms");
    }
  }
}
