package dev.tlswaiver.waiver;

import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.rule.Finding;
import java.time.Instant;
import java.util.Optional;

/**
 * Why a waiver was proposed.
 *
 * @param rule the rule that found it, or {@code operator}; {@code renewal} in old ledgers
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

  /** With what was found since. A diagnosis is not forgotten, nor lifted by a weaker one. */
  Evidence then(Finding finding, Optional<Diagnosis> later) {
    return new Evidence(
        rule,
        finding.reason(),
        finding.openssl(),
        Math.max(failures, finding.failures()),
        first.isBefore(finding.first()) ? first : finding.first(),
        finding.last(),
        later.map(this::lowered).or(() -> diagnosis));
  }

  private Diagnosis lowered(Diagnosis later) {
    return diagnosis.map(known -> known.and(later)).orElse(later);
  }

  /** The same, where something is judged by it later. */
  Evidence asOf(Instant now) {
    return new Evidence(rule, reason, openssl, failures, first, now, diagnosis);
  }

  /** With what the peer offers. */
  Evidence with(Diagnosis known) {
    return diagnosed(Optional.of(lowered(known)));
  }

  /** Of a peer that is to be asked again. */
  Evidence withoutDiagnosis() {
    return diagnosed(Optional.empty());
  }

  private Evidence diagnosed(Optional<Diagnosis> known) {
    return new Evidence(rule, reason, openssl, failures, first, last, known);
  }

  /** With the reason for which it failed when it was asked. */
  Evidence because(Failed failed) {
    return new Evidence(rule, failed.reason(), failed.openssl(), failures, first, last, diagnosis);
  }

  /** What the peer offers, once the log has shown it. */
  public Optional<ClientHello> hello() {
    return diagnosis.map(Diagnosis::hello);
  }
}
