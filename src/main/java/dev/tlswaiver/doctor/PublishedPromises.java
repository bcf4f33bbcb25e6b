package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.postfix.Certificates;
import dev.tlswaiver.actuator.postfix.ServedCertificate;
import dev.tlswaiver.actuator.postfix.StrictChain;
import dev.tlswaiver.dns.NoAnswerException;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.waiver.Rung;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What this host's domain promises senders about its certificate: TLSA records of the host (RFC
 * 7672) and an MTA-STS policy of its domain (RFC 8461). Senders that check it deliver nothing where
 * it is not kept, which they seldom tell.
 */
final class PublishedPromises implements Examination {
  private static final int USAGE_CA = 2;
  private static final int USAGE_OWN = 3;
  private static final int DNS_NAME = 2;

  @Override
  public void examine(Patient patient, Chart chart) throws HostException {
    Optional<PublicService> service = patient.publicService();
    if (service.isEmpty() || !service.get().parameters().offersTls()) {
      return;
    }
    Optional<HostName> host = HostName.find(patient.parameter("myhostname"));
    Optional<HostName> domain = HostName.find(patient.parameter("mydomain"));
    if (host.isEmpty() || domain.isEmpty()) {
      return;
    }
    List<byte[]> tlsa;
    boolean hasPolicy;
    try {
      tlsa =
          patient.zone().tlsa("_25._tcp." + host.get().text()).stream()
              .filter(PublishedPromises::isUsable)
              .toList();
      hasPolicy =
          patient.zone().texts("_mta-sts." + domain.get().text()).stream()
              .anyMatch(text -> text.startsWith("v=STSv1"));
    } catch (NoAnswerException silence) {
      chart.couldNotSee(
          "whether TLSA records of "
              + host.get().text()
              + " or an MTA-STS policy of "
              + domain.get().text()
              + " promise senders another certificate than this host shows: no resolver answers");
      return;
    }
    List<ServedCertificate> served =
        Certificates.served(service.get().parameters()).stream()
            .filter(known -> known.certificate().isPresent())
            .toList();
    if (!tlsa.isEmpty()) {
      examineTlsa(host.get(), tlsa, served, chart);
    }
    if (hasPolicy) {
      examinePolicy(host.get(), domain.get(), served, service.get(), patient, chart);
    }
    if (!tlsa.isEmpty() || hasPolicy) {
      examineRungs(host.get(), !tlsa.isEmpty(), service.get(), patient, chart);
    }
  }

  /** Others are no promise to a mail system (RFC 7672, 3.1.3). */
  private static boolean isUsable(byte[] record) {
    return record.length > 3 && (record[0] == USAGE_CA || record[0] == USAGE_OWN);
  }

  private static void examineTlsa(
      HostName host, List<byte[]> tlsa, List<ServedCertificate> served, Chart chart) {
    for (ServedCertificate certificate : served) {
      X509Certificate own = certificate.certificate().orElseThrow();
      boolean isKept =
          tlsa.stream()
              .anyMatch(
                  record ->
                      matches(record, own)
                          || (record[0] == USAGE_CA
                              && certificate.issuers().stream()
                                  .anyMatch(issuer -> matches(record, issuer))));
      if (!isKept) {
        chart.find(
            Ailment.TLSA_MISMATCH,
            "No TLSA record of _25._tcp."
                + host.text()
                + " fits the certificate in "
                + certificate.file()
                + ".",
            "publish _25._tcp."
                + host.text()
                + ". IN TLSA 3 1 1 "
                + sha256(own)
                + " beside the others, and take those away after their time to live");
      }
    }
  }

  private static boolean matches(byte[] record, X509Certificate certificate) {
    byte[] wanted = Arrays.copyOfRange(record, 3, record.length);
    try {
      byte[] selected =
          record[1] == 0 ? certificate.getEncoded() : certificate.getPublicKey().getEncoded();
      return switch (record[2]) {
        case 0 -> Arrays.equals(wanted, selected);
        case 1 -> Arrays.equals(wanted, MessageDigest.getInstance("SHA-256").digest(selected));
        case 2 -> Arrays.equals(wanted, MessageDigest.getInstance("SHA-512").digest(selected));
        default -> false;
      };
    } catch (CertificateEncodingException | NoSuchAlgorithmException unreadable) {
      return false;
    }
  }

  private static String sha256(X509Certificate certificate) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(certificate.getPublicKey().getEncoded()));
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException(absent); // Each JDK has it.
    }
  }

  private static void examinePolicy(
      HostName host,
      HostName domain,
      List<ServedCertificate> served,
      PublicService service,
      Patient patient,
      Chart chart) {
    for (ServedCertificate certificate : served) {
      X509Certificate own = certificate.certificate().orElseThrow();
      SentChain.End end = SentChain.of(certificate, service.parameters(), patient.root()).end();
      boolean isTrusted = end == SentChain.End.ROOT || end == SentChain.End.UNKNOWN;
      boolean isNamed = names(own).stream().anyMatch(name -> covers(name, host.text()));
      if (!isTrusted || !isNamed) {
        chart.find(
            Ailment.MTA_STS_UNMET,
            domain.text()
                + " publishes an MTA-STS policy, and the certificate in "
                + certificate.file()
                + (isTrusted
                    ? " is not for " + host.text() + "."
                    : " does not lead to a root that others trust."),
            "get one from an authority for "
                + host.text()
                + " (certbot certonly --standalone -d "
                + host.text()
                + "); until then: mode: testing in https://mta-sts."
                + domain.text()
                + "/.well-known/mta-sts.txt");
      }
    }
  }

  private static List<String> names(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null // Without any.
          ? List.of()
          : names.stream()
              .filter(name -> name.get(0).equals(DNS_NAME))
              .map(name -> name.get(1).toString())
              .toList();
    } catch (CertificateParsingException unreadable) {
      return List.of();
    }
  }

  /** A star stands for one label (RFC 6125, 6.4.3). */
  private static boolean covers(String pattern, String host) {
    return pattern.equalsIgnoreCase(host)
        || (pattern.startsWith("*.")
            && host.indexOf('.') > 0
            && pattern.substring(1).equalsIgnoreCase(host.substring(host.indexOf('.'))));
  }

  private static void examineRungs(
      HostName host, boolean hasTlsa, PublicService service, Patient patient, Chart chart)
      throws HostException {
    StrictChain chain =
        StrictChain.of(patient.settings(), service.parameters(), patient.programs());
    String others =
        Stream.of(Rung.values())
            .filter(rung -> patient.enabled().contains(rung) && chain.isReplacedOn(rung))
            .map(Rung::label)
            .collect(Collectors.joining(", "));
    if (others.isEmpty()) {
      return;
    }
    Optional<X509Certificate> relaxed = Certificates.first(chain.ours());
    chart.find(
        Ailment.RELAXED_KEY_UNPUBLISHED,
        "A sender that is waived to "
            + others
            + " meets the certificate in "
            + chain.ours()
            + ", which "
            + (hasTlsa ? "no TLSA record" : "no authority")
            + " vouches for.",
        hasTlsa && relaxed.isPresent()
            ? "publish _25._tcp."
                + host.text()
                + ". IN TLSA 3 1 1 "
                + sha256(relaxed.get())
                + " too, or do without those rungs: ladder: [{rung: RUNG, enabled: false}]"
            : "do without those rungs: ladder: [{rung: RUNG, enabled: false}]; or leave it: who"
                + " checks certificates is seldom as old as they need to be waived");
  }
}
