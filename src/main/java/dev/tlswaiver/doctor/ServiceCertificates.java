package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Programs.Result;
import dev.tlswaiver.actuator.postfix.Certificates;
import dev.tlswaiver.actuator.postfix.ServedCertificate;
import dev.tlswaiver.actuator.postfix.ServedCertificate.FileState;
import dev.tlswaiver.actuator.postfix.TlsParameters;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The certificates of the public service, and their keys. */
final class ServiceCertificates implements Examination {
  private static final Duration SOON = Duration.ofDays(21);

  @Override
  public void examine(Patient patient, Chart chart) throws HostException {
    Optional<PublicService> service = patient.publicService();
    if (service.isEmpty() || !service.get().parameters().offersTls()) {
      return;
    }
    TlsParameters parameters = service.get().parameters();
    List<ServedCertificate> served = Certificates.served(parameters);
    if (served.isEmpty() && !parameters.needsNoCertificate()) {
      String files = parameters.value("smtpd_tls_chain_files");
      chart.find(
          files.isEmpty() ? Ailment.CERTIFICATE_MISSING : Ailment.CERTIFICATE_UNREADABLE,
          service.get().label()
              + " offers TLS and has no certificate"
              + (files.isEmpty() ? "." : ": smtpd_tls_chain_files = " + files + " holds none."),
          service.get().set("smtpd_tls_chain_files", "/etc/postfix/tls/key-and-chain.pem")
              + ", with a key and its certificates in that file");
    }
    for (ServedCertificate certificate : served) {
      examineFiles(certificate, chart);
      if (certificate.certificate().isPresent()) {
        X509Certificate x509 = certificate.certificate().get();
        examineTime(x509, certificate.file(), patient.now(), chart);
        examineChain(certificate, parameters, patient.root(), chart);
        examineKey(x509, certificate, patient.programs(), chart);
      }
    }
    examineKind(served, service.get(), chart);
  }

  private static void examineFiles(ServedCertificate certificate, Chart chart) {
    for (String file : List.of(certificate.file(), certificate.keyFile())) {
      FileState state =
          file.equals(certificate.file()) ? certificate.state() : certificate.keyState();
      if (state == FileState.HIDDEN) {
        chart.couldNotSee("the certificate or key in " + file + ": it is not readable for us");
      }
    }
    if (certificate.state() == FileState.MISSING
        || (certificate.state() == FileState.READ && certificate.certificate().isEmpty())) {
      chart.find(
          Ailment.CERTIFICATE_UNREADABLE,
          certificate.file()
              + (certificate.state() == FileState.MISSING
                  ? " can't be read."
                  : " holds no certificate that can be read."),
          "openssl x509 -noout -in "
              + certificate.file()
              + " says more; put the certificate there");
      return;
    }
    if (certificate.keyState() == FileState.MISSING
        || (certificate.keyState() == FileState.READ && certificate.key().isEmpty())) {
      chart.find(
          Ailment.KEY_UNREADABLE,
          certificate.keyFile()
              + (certificate.keyState() == FileState.MISSING
                  ? " can't be read."
                  : " holds no private key."),
          "put the key of " + certificate.file() + " there, readable for root alone");
    }
  }

  private static void examineTime(X509Certificate x509, String file, Instant now, Chart chart) {
    Instant from = x509.getNotBefore().toInstant();
    Instant until = x509.getNotAfter().toInstant();
    String renew = "certbot renew, or what else put " + file + " there; then: postfix reload";
    if (until.isBefore(now)) {
      chart.find(Ailment.CERTIFICATE_EXPIRED, file + " was good until " + until + ".", renew);
    } else if (until.isBefore(now.plus(SOON))) {
      chart.find(
          Ailment.CERTIFICATE_EXPIRES_SOON, file + " is good until " + until + " only.", renew);
    }
    if (from.isAfter(now)) {
      chart.find(
          Ailment.CERTIFICATE_NOT_YET_VALID,
          file + " is good from " + from + " on; here it is " + now + ".",
          "look at this host's clock: timedatectl; or put the former certificate back");
    }
  }

  private static void examineChain(
      ServedCertificate certificate, TlsParameters parameters, Path root, Chart chart) {
    String file = certificate.file();
    SentChain chain = SentChain.of(certificate, parameters, root);
    String last = chain.last().getSubjectX500Principal().getName();
    String issuer = chain.last().getIssuerX500Principal().getName();
    switch (chain.end()) {
      case ROOT -> {}
      case SELF_SIGNED ->
          chart.find(
              Ailment.CERTIFICATE_SELF_SIGNED,
              file + " holds a certificate that is signed by nobody but itself.",
              "get one from an authority (certbot certonly --standalone -d "
                  + parameters.value("myhostname")
                  + "), or publish this one as a TLSA record, for senders with DANE");
      case MISSING ->
          chart.find(
              Ailment.CERTIFICATE_CHAIN_MISSING,
              "What "
                  + file
                  + " makes smtpd send ends at the certificate of "
                  + last
                  + "; its issuer "
                  + issuer
                  + " is neither with it nor a root that this host trusts.",
              "append the issuer's certificate to "
                  + file
                  + " (certbot: take fullchain.pem); a root of your own belongs there too");
      case WRONG_KEY ->
          chart.find(
              Ailment.CERTIFICATE_CHAIN_WRONG,
              "The certificate of "
                  + issuer
                  + " that "
                  + file
                  + " makes smtpd send did not sign that of "
                  + last
                  + ": it has the right name and another key.",
              "put the present certificate of that issuer in its place (certbot: take"
                  + " fullchain.pem)");
      case UNKNOWN ->
          chart.couldNotSee(
              "whether the chain in "
                  + file
                  + " is whole: this host has no roots to hold it against (ca-certificates)");
    }
  }

  private static void examineKey(
      X509Certificate x509, ServedCertificate certificate, Programs programs, Chart chart)
      throws HostException {
    if (certificate.key().isEmpty()) {
      return;
    }
    // Through standard input: a command line can be seen by everybody.
    Result key =
        programs.run(
            List.of("openssl", "pkey", "-pubout", "-passin", "pass:"),
            Map.of(),
            certificate.key().get(),
            Programs.USUAL);
    if (!key.isGood()) {
      chart.find(
          Ailment.KEY_UNREADABLE,
          certificate.keyFile() + " holds a key that OpenSSL can't load; is it encrypted?",
          "openssl pkey -in "
              + certificate.keyFile()
              + " -out NEW, and name NEW instead; Postfix knows no password");
      return;
    }
    String mine = key.out().replaceAll("-----[^-]+-----|\\s", "");
    String theirs = Base64.getEncoder().encodeToString(x509.getPublicKey().getEncoded());
    if (!mine.equals(theirs)) {
      chart.find(
          Ailment.KEY_MISMATCH,
          "The key in "
              + certificate.keyFile()
              + " is not the one of the certificate in "
              + certificate.file()
              + ".",
          "put the key there that the certificate was made for, or get a certificate for this key");
    }
  }

  private static void examineKind(
      List<ServedCertificate> served, PublicService service, Chart chart) {
    boolean isAllKnown = served.stream().allMatch(known -> known.certificate().isPresent());
    boolean isAllEcdsa =
        served.stream()
            .flatMap(known -> known.certificate().stream())
            .allMatch(x509 -> x509.getPublicKey().getAlgorithm().startsWith("E"));
    if (!served.isEmpty() && isAllKnown && isAllEcdsa) {
      String files = service.parameters().value("smtpd_tls_chain_files");
      chart.find(
          Ailment.CERTIFICATE_ECDSA_ONLY,
          service.label() + " has an ECDSA certificate and none with RSA.",
          files.isEmpty()
              ? "get one with RSA too (certbot: --key-type rsa); then name the two:"
                  + " smtpd_tls_cert_file and smtpd_tls_key_file for RSA, smtpd_tls_eccert_file and"
                  + " smtpd_tls_eckey_file for ECDSA"
              : "get one with RSA too (certbot: --key-type rsa); then: "
                  + service.set(
                      "smtpd_tls_chain_files", files + ", /etc/postfix/tls/rsa-key-and-chain.pem"));
    }
  }
}
