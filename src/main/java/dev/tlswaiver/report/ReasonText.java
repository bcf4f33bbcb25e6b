package dev.tlswaiver.report;

import dev.tlswaiver.handshake.Reason;

/** Each reason in a sentence for the operator, with the setting of Postfix that it is about. */
public final class ReasonText {
  private ReasonText() {}

  public static String of(Reason reason) {
    return switch (reason) {
      case NO_SHARED_CIPHER ->
          "the sender and smtpd_tls_ciphers less smtpd_tls_exclude_ciphers have no suite in common;"
              + " with an ECDSA certificate alone, a sender that knows only RSA says the same"
              + " (smtpd_tls_chain_files)";
      case UNKNOWN_PROTOCOL ->
          "up to OpenSSL 1.0.2 the sender's best protocol is below smtpd_tls_protocols, or it did"
              + " not speak TLS at all; from 1.1 on it sent a hello of SSLv2, which is usually a"
              + " probe";
      case UNSUPPORTED_PROTOCOL ->
          "the sender's best protocol is one that smtpd_tls_protocols excludes";
      case VERSION_TOO_LOW ->
          "the sender's best protocol is older than any that this OpenSSL was built with, so that"
              + " no smtpd_tls_protocols lets it in; it needs plaintext, or another OpenSSL";
      case NO_SIGNATURE_ALGORITHM ->
          "the sender accepts no signature that our certificate's key can make: with an ECDSA or"
              + " Ed25519 certificate alone, an RSA certificate beside it helps"
              + " (smtpd_tls_chain_files), which the rung ciphers has; else the security level or"
              + " SignatureAlgorithms of openssl.cnf (tls_config_file) forbid the old ones;"
              + " smtpd_tls_protocols has no part in it";
      case TLS13_TROUBLE ->
          "the sender's TLS 1.3 is broken or shares no group with tls_eecdh_auto_curves;"
              + " smtpd_tls_protocols = <=TLSv1.2 avoids it";
      case DH_KEY_TOO_SMALL ->
          "our Diffie-Hellman parameters are below the security level:"
              + " smtpd_tls_dh1024_param_file";
      case HANDSHAKE_FAILURE_ALERT ->
          "the sender found nothing acceptable in our choice: perhaps smtpd_tls_ciphers, the size"
              + " of the Diffie-Hellman key, or the kind of our certificate";
      case PROTOCOL_VERSION_ALERT ->
          "the sender refused the protocol that we chose; look at the highest version that"
              + " smtpd_tls_protocols allows, too";
      case INSUFFICIENT_SECURITY_ALERT ->
          "the sender wants stronger parameters than ours; relaxing anything makes it worse";
      case INAPPROPRIATE_FALLBACK ->
          "the sender says that it could do better and failed just before: look at its failure"
              + " before this one; lowering smtpd_tls_protocols does not help";
      case CERTIFICATE_REJECTED ->
          "the sender does not trust our certificate (smtpd_tls_chain_files,"
              + " smtpd_tls_cert_file); no cipher or protocol setting helps";
      case NOT_TLS ->
          "what came where TLS should begin was no TLS: a probe or a broken client, no setting helps";
      case CORRUPTED ->
          "what came was TLS, but damaged or against its rules: a middlebox, a probe or a broken"
              + " stack; no setting helps";
      case DISCONNECTED ->
          "the sender went away without saying why; it may have disliked our certificate, or only"
              + " looked";
      case TIMED_OUT -> "the sender said nothing more within smtpd_starttls_timeout";
      case OWN_FAULT ->
          "this is our own configuration, not the sender: certificate, key or"
              + " tls_server_sni_maps";
      case OTHER -> "nothing that is known here; its number and text are kept";
    };
  }
}
