package dev.tlswaiver.waiver;

import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.rule.Finding;
import java.time.Instant;
import java.util.Optional;

/**
 * Why a waiver was proposed.
 *
 * @param rule the rule that found it, {@code renewal}, or {@code operator}
 * @param reason the latest failure's
 * @param openssl the latest failure's OpenSSL code
 * @param first the time of the first failure that counted
 * @param last the time of the latest
 * @param diagnosis what the peer offers, once the log has shown it
 */
public record Evidence(
    String rule,
    Reason reason,
    Optional<String> openssl,
    int failures,
    Instant first,
    Instant last,
    Optional<Diagnosis> diagnosis) {

  static Evidence of(Finding finding, Optional<Diagnosis> diagnosis) {
    return new Evidence(
        finding.rule(),
        finding.reason(),
        finding.openssl(),
        finding.failures(),
        finding.first(),
        finding.last(),
        diagnosis);
  }

  /** With what was found since. A diagnosis is not forgotten. */
  Evidence then(Finding finding, Optional<Diagnosis> later) {
    return new Evidence(
        rule,
        finding.reason(),
        finding.openssl(),
        Math.max(failures, finding.failures()),
        first.isBefore(finding.first()) ? first : finding.first(),
        finding.last(),
        later.or(() -> diagnosis));
  }

  /** The same, where something is judged by it later. */
  Evidence asOf(Instant now) {
    return new Evidence(rule, reason, openssl, failures, first, now, diagnosis);
  }

  /** With what the peer offers. */
  Evidence with(Diagnosis known) {
    return new Evidence(rule, reason, openssl, failures, first, last, Optional.of(known));
  }

  /** What the peer offers, once the log has shown it. */
  public Optional<ClientHello> hello() {
    return diagnosis.map(Diagnosis::hello);
  }
}
