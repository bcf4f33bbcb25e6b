package dev.tlswaiver.report;

import dev.tlswaiver.handshake.CipherSuite;
import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Offer;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.waiver.Diagnosis;
import dev.tlswaiver.waiver.Evidence;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Term;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A message to the postmaster of a sender that fails: what happened, what to change, until when we
 * wait. Everything in it is a type's text, a number or a sentence of ours; no words of the log.
 */
public final class Letter {
  private static final int WIDTH = 72;
  private static final int MOST_ROWS = 10;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** A number of OpenSSL's, however old. */
  private static final Pattern CODE = Pattern.compile("[0-9A-F]{6,8}");

  /** Suites that every TLS library of the last ten years has, best first. */
  private static final List<String> COMMON =
      List.of(
          "ECDHE-ECDSA-AES128-GCM-SHA256",
          "ECDHE-RSA-AES128-GCM-SHA256",
          "ECDHE-RSA-AES256-GCM-SHA384",
          "DHE-RSA-AES128-GCM-SHA256");

  private final Story story;
  private final Optional<HostName> us;
  private final StringBuilder text = new StringBuilder();

  private Letter(Story story, Optional<HostName> us) {
    this.story = story;
    this.us = us;
  }

  /**
   * The message, wrapped for a plain-text mail.
   *
   * @param us our mail host's name
   * @return empty where there is nothing that the sender could change
   */
  public static Optional<String> of(Story story, Optional<HostName> us) {
    Optional<Reason> reason = reason(story);
    return reason.flatMap(Letter::advice).map(advice -> new Letter(story, us).write(advice));
  }

  private static Optional<Reason> reason(Story story) {
    return story
        .latestFailure()
        .map(Handshake::outcome)
        .filter(Failed.class::isInstance)
        .map(Failed.class::cast)
        .map(Failed::reason)
        .or(() -> story.waiver().map(Waiver::evidence).map(Evidence::reason));
  }

  private static Optional<String> code(Story story) {
    return story
        .latestFailure()
        .map(Handshake::outcome)
        .filter(Failed.class::isInstance)
        .map(Failed.class::cast)
        .flatMap(Failed::openssl)
        .or(() -> story.waiver().map(Waiver::evidence).flatMap(Evidence::openssl))
        .filter(code -> CODE.matcher(code).matches());
  }

  private String write(String advice) {
    line("Subject: TLS handshakes of " + story.pool() + " with " + ourName() + " fail");
    line("");
    line("To the postmaster of " + story.pool());
    line("");
    paragraph(
        "A mail server of yours tries to deliver mail to ours, "
            + ourName()
            + ", begins TLS with STARTTLS, and the two do not come to terms. We write because mail of"
            + " yours may be delayed or lost, and because the cure is on your side.");
    happened();
    offered();
    accepted();
    title("What would help");
    paragraph(advice);
    exception();
    title("Background");
    paragraph(
        "TLS 1.0 and TLS 1.1 were deprecated in March 2021 by RFC 8996, which says that they must"
            + " not be used; RFC 9325 has recommendations for versions and cipher suites.");
    paragraph(
        us.map(
                    name ->
                        "This is about the mail host "
                            + name
                            + ". To reach us, answer to whoever sent you this message.")
                .orElse("To reach us, answer to whoever sent you this message.")
            + " We can tell you at once whether a change on your side has the effect that you want.");
    return text.toString().stripTrailing() + "\n";
  }

  private String ourName() {
    return us.map(HostName::text).orElse("our mail server");
  }

  private void happened() {
    title("These TLS handshakes failed (times are UTC)");
    List<Handshake> rows =
        story
            .failures()
            .subList(Math.max(0, story.failures().size() - MOST_ROWS), story.failures().size());
    for (Handshake handshake : rows) {
      line("  " + handshake.time().map(TIME::format).orElse("-") + "  " + peer(handshake.peer()));
    }
    if (rows.isEmpty()) {
      story
          .waiver()
          .ifPresent(
              waiver ->
                  paragraph(
                      waiver.evidence().failures()
                          + " TLS handshakes failed between "
                          + TIME.format(waiver.evidence().first())
                          + " and "
                          + TIME.format(waiver.evidence().last())
                          + ", from "
                          + addresses(waiver)
                          + "."));
    } else {
      line("");
      if (story.failureCount() > rows.size()) {
        paragraph("Those are the latest of " + story.failureCount() + " of the last days.");
      }
    }
  }

  private static String peer(Peer peer) {
    return peer.address().map(IpAddress::toString).orElse("-")
        + peer.name().map(name -> " (" + name + ")").orElse("");
  }

  private static String addresses(Waiver waiver) {
    return waiver.addresses().isEmpty()
        ? waiver.networks().stream().map(IpPrefix::toString).collect(Collectors.joining(", "))
        : waiver.addresses().stream()
            .limit(MOST_ROWS)
            .map(IpAddress::toString)
            .collect(Collectors.joining(", "));
  }

  private void offered() {
    Optional<ClientHello> hello = story.diagnosis().map(Diagnosis::hello);
    if (hello.isPresent()) {
      title("What your server offers");
      paragraph(
          (hello.get().versions().isEmpty() ? "At most " : "")
              + hello.get().versionName()
              + (hello.get().hasSuites()
                  ? ", with these cipher suites: "
                      + String.join(", ", hello.get().suiteWords())
                      + "."
                  : "; the log does not show with which cipher suites."));
    } else {
      title("What our server says");
      paragraph(
          said(reason(story).orElse(Reason.OTHER))
              + code(story).map(code -> " (OpenSSL error " + code + ")").orElse("")
              + ". The log does not show what your server offers in detail.");
    }
  }

  /** What OpenSSL means, for somebody who has no access to our settings. */
  private static String said(Reason reason) {
    return switch (reason) {
      case NO_SHARED_CIPHER, HANDSHAKE_FAILURE_ALERT, INSUFFICIENT_SECURITY_ALERT ->
          "The two servers have no cipher suite in common";
      case UNKNOWN_PROTOCOL, UNSUPPORTED_PROTOCOL, VERSION_TOO_LOW, PROTOCOL_VERSION_ALERT ->
          "The best protocol version that your server offers is older than those that ours accepts";
      case NO_SIGNATURE_ALGORITHM ->
          "Your server accepts no signature algorithm that the certificate of ours can make";
      case DH_KEY_TOO_SMALL -> "The Diffie-Hellman key is too small";
      case TLS13_TROUBLE -> "The handshake breaks off in TLS 1.3";
      case INAPPROPRIATE_FALLBACK ->
          "Your server comes back with an older protocol version after a better one failed";
      case CERTIFICATE_REJECTED, NOT_TLS, CORRUPTED, DISCONNECTED, TIMED_OUT, OWN_FAULT, OTHER ->
          "The handshake breaks off";
    };
  }

  private void accepted() {
    title("What our server accepts");
    String versions =
        story
            .strict()
            .map(
                offer ->
                    offer.versions().stream()
                        .map(ClientHello::versionName)
                        .collect(Collectors.joining(" and ")))
            .filter(names -> !names.isEmpty())
            .orElse("TLSv1.2 and later");
    List<String> suites =
        story.strict().map(Letter::suites).filter(names -> !names.isEmpty()).orElse(COMMON);
    paragraph(versions + ", with cipher suites such as " + String.join(", ", suites) + ".");
  }

  private static List<String> suites(Offer offer) {
    List<String> names =
        offer.suites().stream()
            .flatMap(number -> CipherSuite.find(number).stream())
            .map(CipherSuite::name)
            .toList();
    return COMMON.stream().filter(names::contains).toList();
  }

  /** What to change; empty where that is up to us, or to nobody. */
  private static Optional<String> advice(Reason reason) {
    return switch (reason) {
      case UNKNOWN_PROTOCOL, UNSUPPORTED_PROTOCOL, VERSION_TOO_LOW, PROTOCOL_VERSION_ALERT ->
          Optional.of(
              "Please enable TLS 1.2 or later for outbound mail. Where the TLS library does not have"
                  + " it (OpenSSL before 1.0.1, Java before 8, Windows Server before 2008 R2), the"
                  + " library or the mail software needs an upgrade.");
      case NO_SHARED_CIPHER, HANDSHAKE_FAILURE_ALERT ->
          Optional.of(
              "Please enable one of the cipher suites above for outbound mail, if possible one with"
                  + " ECDHE and AES-GCM; any TLS library with TLS 1.2 has some of them. A list of"
                  + " ciphers in the configuration of your mail server may have left them out.");
      case NO_SIGNATURE_ALGORITHM ->
          Optional.of(
              "Please enable signatures with SHA-256 for outbound mail, with ECDSA as well as with"
                  + " RSA keys; where the TLS library has none, it needs an upgrade.");
      case TLS13_TROUBLE ->
          Optional.of(
              "Please upgrade the TLS library of your mail server, or let it use TLS 1.2 at most"
                  + " until then; a middlebox that inspects TLS has the same effect.");
      case INAPPROPRIATE_FALLBACK ->
          Optional.of(
              "Please look for the cause of the first of two failures that follow each other: your"
                  + " server could do better than what it offers the second time.");
      case DH_KEY_TOO_SMALL ->
          Optional.of("Please prefer suites with ECDHE to those with DHE for outbound mail.");
      case INSUFFICIENT_SECURITY_ALERT,
          CERTIFICATE_REJECTED,
          NOT_TLS,
          CORRUPTED,
          DISCONNECTED,
          TIMED_OUT,
          OWN_FAULT,
          OTHER ->
          Optional.empty();
    };
  }

  private void exception() {
    Optional<Instant> until =
        story
            .waiver()
            .filter(waiver -> waiver.state().isInForce())
            .flatMap(Waiver::term)
            .map(Term::until);
    title("Until then");
    if (until.isPresent()) {
      paragraph(
          "For your server alone, "
              + story.waiver().map(Letter::addresses).orElse("")
              + ", we accept what it can do, so that your mail arrives. This exception ends on "
              + TIME.format(until.get())
              + " UTC.");
    } else if (story.waiver().filter(waiver -> waiver.state() == State.EXPIRED).isPresent()) {
      paragraph("An exception that we made for your server has ended.");
    } else {
      paragraph("There is no exception for your server at the moment.");
    }
  }

  private void title(String title) {
    line(title);
    line("-".repeat(title.length()));
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  /** Words in lines of at most {@value #WIDTH} characters, and a blank line. */
  private void paragraph(String words) {
    StringBuilder line = new StringBuilder();
    for (String word : words.split(" ")) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > WIDTH) {
        line(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    line(line.toString());
    line("");
  }
}
