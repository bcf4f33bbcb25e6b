package dev.tlswaiver.waiver;

import dev.tlswaiver.handshake.CipherSuite;
import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Offer;
import dev.tlswaiver.handshake.Offer.Agreed;
import dev.tlswaiver.handshake.Offer.Answer;
import dev.tlswaiver.handshake.Offer.Fallback;
import dev.tlswaiver.handshake.Offer.NoCommonGroup;
import dev.tlswaiver.handshake.Offer.NoCommonSuite;
import dev.tlswaiver.handshake.Offer.NoCommonVersion;
import dev.tlswaiver.handshake.Offer.SuitesUnknown;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Reason;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The rungs that the operator allows, and what each accepts on this host: the narrowest one that
 * admits a peer follows from its hello by calculation.
 *
 * @param enabled the rungs that help, without {@code diagnose}, lowest first
 * @param isDiagnosing whether a peer is asked what it offers before anything is relaxed for it
 * @param offers what each rung accepts; {@code diagnose} has the strict service's own terms
 */
public record Ladder(List<Rung> enabled, boolean isDiagnosing, Map<Rung, Offer> offers) {
  private static final int TLS_1 = 0x0301;
  private static final int TLS_1_1 = 0x0302;
  private static final int TLS_1_2 = 0x0303;
  private static final int TLS_1_3 = 0x0304;

  private static final Pattern MODERN =
      Pattern.compile("TLS_.*|(?:ECDHE|DHE)-(?:RSA|ECDSA)-.*(?:GCM-SHA256|GCM-SHA384|CHACHA20.*)");

  public Ladder {
    enabled = enabled.stream().filter(rung -> rung != Rung.DIAGNOSE).distinct().sorted().toList();
    offers = Map.copyOf(offers);
  }

  /**
   * What the rungs accept with an OpenSSL of today behind a service that is strict: TLS 1.2 and
   * forward secrecy. For logs of which nobody can ask the host. It is taken for strict, since a
   * peer that failed there was not admitted by something.
   */
  public static Map<Rung, Offer> usualOffers() {
    Map<Rung, Offer> offers = new EnumMap<>(Rung.class);
    offers.put(Rung.DIAGNOSE, usualStrict(Set.of(TLS_1_2, TLS_1_3)));
    offers.put(Rung.TLS12, usualStrict(Set.of(TLS_1_2)));
    offers.put(Rung.CIPHERS, Offer.widest(Set.of(TLS_1_2, TLS_1_3)));
    offers.put(Rung.LEGACY, Offer.widest(Set.of(TLS_1, TLS_1_1, TLS_1_2, TLS_1_3)));
    return offers;
  }

  private static Offer usualStrict(Set<Integer> versions) {
    Offer widest = Offer.widest(versions);
    return new Offer(
        widest.versions(),
        widest.suites().stream()
            .filter(
                number ->
                    CipherSuite.find(number)
                        .map(CipherSuite::name)
                        .filter(name -> MODERN.matcher(name).matches())
                        .isPresent())
            .collect(Collectors.toSet()));
  }

  /** The rung, or the next one above it that is enabled; itself where there is none. */
  Rung from(Rung wanted) {
    return enabled.contains(wanted) ? wanted : above(wanted).orElse(wanted);
  }

  /** The next rung above that is enabled. */
  Optional<Rung> above(Rung rung) {
    return enabled.stream().filter(other -> other.compareTo(rung) > 0).findFirst();
  }

  /** Whether the strict terms admit this hello, so that something else than the offer is wrong. */
  public boolean isStrictEnough(ClientHello hello) {
    return strict().filter(offer -> offer.admits(hello)).isPresent();
  }

  private Optional<Offer> strict() {
    return Optional.ofNullable(offers.get(Rung.DIAGNOSE));
  }

  /**
   * The lowest rung of all, enabled or not, that admits this hello. Without TLS, anybody is. Where
   * the log shows a version alone, it is the lowest that has the version, and {@code ciphers} if
   * the strict terms have it: then the suites are in question.
   */
  public Rung lowestAdmitting(ClientHello hello) {
    if (!hello.hasSuites()) {
      return lowestWithVersion(hello);
    }
    return Arrays.stream(Rung.values())
        .filter(
            rung -> Optional.ofNullable(offers.get(rung)).filter(o -> o.admits(hello)).isPresent())
        .findFirst()
        .orElse(Rung.PLAINTEXT);
  }

  private Rung lowestWithVersion(ClientHello hello) {
    if (strict().filter(offer -> offer.mayAdmit(hello)).isPresent()) {
      return Rung.CIPHERS;
    }
    return Arrays.stream(Rung.values())
        .filter(
            rung ->
                Optional.ofNullable(offers.get(rung)).filter(o -> o.mayAdmit(hello)).isPresent())
        .findFirst()
        .orElse(Rung.PLAINTEXT);
  }

  /** The lowest rung of all on which a handshake may have ended like this. */
  Optional<Rung> lowestAgreeing(String protocol, String cipher) {
    return Arrays.stream(Rung.values())
        .filter(
            rung ->
                Optional.ofNullable(offers.get(rung))
                    .filter(offer -> offer.mayAgreeOn(protocol, cipher))
                    .isPresent())
        .findFirst();
  }

  /**
   * The lowest enabled rung above another that admits this hello; empty where none does. Of a
   * version alone no more is concluded than the rung that it needs.
   *
   * @param floor the rung above which to look; {@code diagnose} for all
   */
  Optional<Rung> admitting(ClientHello hello, Rung floor) {
    Rung lowest = lowestAdmitting(hello);
    if (!hello.hasSuites()) {
      return enabled.stream()
          .filter(rung -> rung == lowest && rung.compareTo(floor) > 0)
          .findFirst();
    }
    return enabled.stream()
        .filter(rung -> rung.compareTo(floor) > 0 && rung.compareTo(lowest) >= 0)
        .filter(rung -> lowest != Rung.DIAGNOSE)
        .findFirst();
  }

  /**
   * The rung for a peer whose hello was seen: the lowest enabled one that admits it, and none above
   * it, whatever else a rule or a failure says. Where the strict terms admit it, the cause is not
   * in the offer, and only a reason that speaks of something else leaves a rung.
   *
   * @param named the rung that the rule names
   */
  public Optional<Rung> decide(ClientHello hello, Reason reason, Rung named) {
    if (remedy(hello).isPresent()) {
      return Optional.empty();
    }
    return isStrictEnough(hello)
        ? beyondOffer(reason, named).filter(enabled::contains)
        : admitting(hello, Rung.DIAGNOSE);
  }

  /** What may help a peer that offers enough; empty where its failure contradicts its offer. */
  private static Optional<Rung> beyondOffer(Reason reason, Rung named) {
    return switch (reason) {
      case NO_SHARED_CIPHER,
          UNKNOWN_PROTOCOL,
          UNSUPPORTED_PROTOCOL,
          VERSION_TOO_LOW,
          PROTOCOL_VERSION_ALERT ->
          Optional.empty();
      case TLS13_TROUBLE, INAPPROPRIATE_FALLBACK -> Optional.of(Rung.TLS12);
      // An RSA certificate, which the rung has.
      case NO_SIGNATURE_ALGORITHM -> Optional.of(Rung.CIPHERS);
      // Perhaps the same.
      case HANDSHAKE_FAILURE_ALERT ->
          Optional.of(named.compareTo(Rung.CIPHERS) < 0 ? named : Rung.CIPHERS);
      case DH_KEY_TOO_SMALL,
          INSUFFICIENT_SECURITY_ALERT,
          CERTIFICATE_REJECTED,
          NOT_TLS,
          CORRUPTED,
          DISCONNECTED,
          TIMED_OUT,
          OWN_FAULT,
          OTHER ->
          Optional.of(named);
    };
  }

  /** What would let a peer in that is no weaker than the strict terms ask for; see Remedy. */
  Optional<String> remedy(ClientHello hello) {
    return strict().flatMap(offer -> Remedy.find(hello, offer));
  }

  /**
   * Whether a peer that completed this handshake on a relaxed listener would complete one on the
   * strict one, as far as its offer tells; or else what both agreed on.
   */
  boolean meetsStrictTerms(Completed agreed, Optional<ClientHello> hello) {
    return hello
        .filter(ClientHello::hasSuites)
        .map(this::isStrictEnough)
        .orElseGet(
            () ->
                strict()
                    .filter(offer -> offer.mayAgreeOn(agreed.protocol(), agreed.cipher()))
                    .isPresent());
  }

  /** What a hello means on this host. */
  public Diagnosis diagnose(ClientHello hello) {
    return new Diagnosis(hello, lowestAdmitting(hello), explain(hello));
  }

  /** What the peer offers, why the strict terms do not admit it, and what would; for a person. */
  private String explain(ClientHello hello) {
    StringBuilder text = new StringBuilder();
    text.append("It offers ")
        .append(hello.versions().isEmpty() ? "at most " : "")
        .append(hello.versionName())
        .append(
            hello.hasSuites()
                ? " with " + list(hello.suiteWords())
                : "; with which suites the log does not show, since OpenSSL looked no further")
        .append(". ");
    strict().ifPresent(offer -> text.append(strictWords(offer, hello)).append(' '));
    return text.append(remedy(hello).orElseGet(() -> rungWords(hello))).toString();
  }

  private static String strictWords(Offer strict, ClientHello hello) {
    Answer answer = strict.answer(hello);
    if (answer instanceof Agreed agreed) {
      return "The strict terms admit that ("
          + ClientHello.versionName(agreed.version())
          + ", "
          + agreed.suites().get(0)
          + "): the failure has another cause.";
    }
    if (answer instanceof Fallback) {
      return "It says that it could do better (TLS_FALLBACK_SCSV): look at its failure just before.";
    }
    if (answer instanceof NoCommonSuite none) {
      return "The strict terms share "
          + ClientHello.versionName(none.version())
          + " with it, and none of these suites.";
    }
    if (answer instanceof NoCommonGroup none) {
      return "The strict terms share "
          + ClientHello.versionName(none.version())
          + " and suites with it, and none of its groups ("
          + (hello.groups().isEmpty() ? "it names none" : list(hello.groupNames()))
          + ").";
    }
    if (answer instanceof SuitesUnknown within) {
      return "The strict terms share "
          + ClientHello.versionName(within.version())
          + " with it: its suites are in question.";
    }
    if (answer instanceof NoCommonVersion && Remedy.isAbove(hello, strict)) {
      return "The strict terms end at " + ClientHello.versionName(strict.versions().last()) + ".";
    }
    if (answer instanceof NoCommonVersion) {
      return "The strict terms begin at " + strict.floor().orElse("no version at all") + ".";
    }
    throw new IllegalStateException("no such answer: " + answer);
  }

  private String rungWords(ClientHello hello) {
    Rung lowest = lowestAdmitting(hello);
    Optional<Offer> offer = Optional.ofNullable(offers.get(lowest));
    if (lowest == Rung.DIAGNOSE) {
      return "Nothing in its offer asks for relaxed terms.";
    }
    if (offer.isPresent() && offer.get().answer(hello) instanceof Agreed agreed) {
      return "The rung "
          + lowest.label()
          + " admits it; "
          + missing(agreed, hello)
          + (enabled.contains(lowest) ? "." : ". That rung is not enabled.");
    }
    if (!hello.hasSuites() && lowest != Rung.PLAINTEXT) {
      return "The rung "
          + lowest.label()
          + " is the lowest that can help"
          + (enabled.contains(lowest) ? "." : ", and is not enabled.");
    }
    return "No TLS settings of this host admit it: only the rung plaintext would help"
        + (enabled.contains(Rung.PLAINTEXT) ? "." : ", which is not enabled.");
  }

  /** The one version, or the suites any one of which would have let the peer in. */
  private String missing(Agreed agreed, ClientHello hello) {
    if (strict().filter(offer -> offer.answer(hello) instanceof Fallback).isPresent()) {
      return "it has no higher version than " + ClientHello.versionName(agreed.version());
    }
    Set<Integer> versions = new TreeSet<>();
    strict().ifPresent(offer -> versions.addAll(offer.versions()));
    String version = ClientHello.versionName(agreed.version());
    return versions.contains(agreed.version())
        ? "any one of " + list(agreed.suites()) + " would let it in"
        : version + " with " + agreed.suites().get(0) + " would let it in";
  }

  private static String list(List<String> words) {
    int most = 8;
    return words.isEmpty()
        ? "no suite"
        : words.size() <= most
            ? String.join(", ", words)
            : String.join(", ", words.subList(0, most)) + " and " + (words.size() - most) + " more";
  }
}
