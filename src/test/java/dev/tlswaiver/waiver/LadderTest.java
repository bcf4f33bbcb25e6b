package dev.tlswaiver.waiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Offer;
import dev.tlswaiver.handshake.Reason;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which rung a hello asks for, by calculation, behind the usual strict service. */
final class LadderTest {
  private static final int AES128_SHA = 0x002F;
  private static final int RC4_SHA = 0x0005;
  private static final int ECDHE_GCM = 0xC02F;
  private static final int TLS13_AES = 0x1301;

  private static final Ladder LADDER =
      new Ladder(List.of(Rung.LEGACY, Rung.TLS12, Rung.CIPHERS), false, Ladder.usualOffers());

  private static ClientHello hello(int version, int... suites) {
    return hello(false, List.of(), version, suites);
  }

  private static ClientHello hello(
      boolean isFallback, List<Integer> versions, int version, int... suites) {
    return new ClientHello(
        version,
        versions,
        IntStream.of(suites).boxed().toList(),
        List.of(29, 23),
        List.of(),
        isFallback);
  }

  private static Rung lowest(ClientHello hello) {
    return LADDER.lowestAdmitting(hello);
  }

  @Test
  void theRungsAreInOrderAndDiagnoseHelpsNobody() {
    assertThat(
            new Ladder(
                    List.of(Rung.LEGACY, Rung.DIAGNOSE, Rung.TLS12, Rung.LEGACY),
                    true,
                    Ladder.usualOffers())
                .enabled())
        .containsExactly(Rung.TLS12, Rung.LEGACY);
  }

  @Test
  void aRungThatIsNotEnabledGivesWayToTheNext() {
    assertThat(LADDER.from(Rung.CIPHERS)).isEqualTo(Rung.CIPHERS);
    assertThat(new Ladder(List.of(Rung.LEGACY), false, Ladder.usualOffers()).from(Rung.TLS12))
        .isEqualTo(Rung.LEGACY);
    assertThat(LADDER.from(Rung.PLAINTEXT)).isEqualTo(Rung.PLAINTEXT);
    assertThat(LADDER.above(Rung.LEGACY)).isEmpty();
  }

  /** Of OpenSSL 1.0.x's eleven bytes. */
  private static ClientHello version(int version) {
    return new ClientHello(version, List.of(), List.of(), List.of(), List.of(), false);
  }

  @Test
  void aVersionAloneAsksForTheRungThatHasIt() {
    assertThat(lowest(version(0x0301))).isEqualTo(Rung.LEGACY);
    assertThat(lowest(version(0x0302))).isEqualTo(Rung.LEGACY);
    assertThat(lowest(version(0x0300))).isEqualTo(Rung.PLAINTEXT);
    assertThat(LADDER.diagnose(version(0x0301)).words())
        .isEqualTo(
            "It offers at most TLSv1; with which suites the log does not show, since OpenSSL looked"
                + " no further. The strict terms begin at TLSv1.2. The rung legacy is the lowest"
                + " that can help.");
  }

  @Test
  void aVersionWithinTheStrictTermsLeavesTheSuitesInQuestion() {
    assertThat(lowest(version(0x0303))).isEqualTo(Rung.CIPHERS);
    assertThat(LADDER.isStrictEnough(version(0x0303))).isFalse();
    assertThat(LADDER.diagnose(version(0x0303)).words())
        .contains("The strict terms share TLSv1.2 with it: its suites are in question.");
  }

  @Test
  void noRungAboveTheOneThatAVersionNeedsIsTaken() {
    assertThat(LADDER.admitting(version(0x0301), Rung.DIAGNOSE)).contains(Rung.LEGACY);
    assertThat(LADDER.admitting(version(0x0303), Rung.CIPHERS)).isEmpty();
    Ladder high = new Ladder(List.of(Rung.LEGACY), false, Ladder.usualOffers());
    assertThat(high.admitting(version(0x0303), Rung.DIAGNOSE)).isEmpty();
  }

  @Test
  void aSenderWithoutACommonGroupIsToldItsGroups() {
    ClientHello hello =
        new ClientHello(
            0x0304, List.of(0x0304), List.of(TLS13_AES), List.of(0x11EC, 0x0201), List.of(), false);
    assertThat(LADDER.diagnose(hello).words())
        .contains(
            "The strict terms share TLSv1.3 and suites with it, and none of its groups"
                + " (X25519MLKEM768, MLKEM768).");
  }

  @Test
  void aSenderOfTls10NeedsLegacy() {
    ClientHello hello = hello(0x0301, AES128_SHA);
    assertThat(lowest(hello)).isEqualTo(Rung.LEGACY);
    assertThat(LADDER.diagnose(hello).words())
        .isEqualTo(
            "It offers at most TLSv1 with AES128-SHA. The strict terms begin at TLSv1.2."
                + " The rung legacy admits it; TLSv1 with AES128-SHA would let it in.");
  }

  @Test
  void aSenderOfStaticRsaNeedsCiphers() {
    ClientHello hello = hello(0x0303, AES128_SHA, 0x0035);
    assertThat(lowest(hello)).isEqualTo(Rung.CIPHERS);
    assertThat(LADDER.diagnose(hello).words())
        .isEqualTo(
            "It offers at most TLSv1.2 with AES128-SHA, AES256-SHA. The strict terms share TLSv1.2"
                + " with it, and none of these suites. The rung ciphers admits it; any one of"
                + " AES128-SHA, AES256-SHA would let it in.");
  }

  @Test
  void aSenderOfRc4AloneIsHelpedByNoTlsSettings() {
    ClientHello hello = hello(0x0303, RC4_SHA);
    assertThat(lowest(hello)).isEqualTo(Rung.PLAINTEXT);
    assertThat(LADDER.admitting(hello, Rung.DIAGNOSE)).isEmpty();
    assertThat(LADDER.diagnose(hello).words())
        .endsWith(
            "No TLS settings of this host admit it: only the rung plaintext would help, which is"
                + " not enabled.");
  }

  @Test
  void aSenderOfSslv3IsHelpedByNoTlsSettings() {
    assertThat(lowest(hello(0x0300, AES128_SHA))).isEqualTo(Rung.PLAINTEXT);
    assertThat(lowest(hello(0x0002, 0x010080))).isEqualTo(Rung.PLAINTEXT);
  }

  @Test
  void theFormOfSslv2SaysNothingAboutTheVersion() {
    ClientHello hello =
        ClientHello.parse(
                HexFormat.of().parseHex("801f01030100060000001000002f010080" + "00".repeat(16)))
            .orElseThrow();
    assertThat(lowest(hello)).isEqualTo(Rung.LEGACY);
  }

  @Test
  void whoBreaksOnTls13IsAdmittedByTheStrictTermsOnPaper() {
    ClientHello hello = hello(false, List.of(0x0304, 0x0303), 0x0304, TLS13_AES, ECDHE_GCM);
    assertThat(lowest(hello)).isEqualTo(Rung.DIAGNOSE);
    assertThat(LADDER.isStrictEnough(hello)).isTrue();
    assertThat(LADDER.diagnose(hello).words())
        .endsWith(
            "The strict terms admit that (TLSv1.3, TLS_AES_128_GCM_SHA256): the failure has another"
                + " cause. Nothing in its offer asks for relaxed terms.");
  }

  @Test
  void whoSaysThatItCouldDoBetterNeedsNoMoreThanACeiling() {
    ClientHello hello = hello(true, List.of(), 0x0303, ECDHE_GCM);
    assertThat(lowest(hello)).isEqualTo(Rung.TLS12);
    assertThat(LADDER.diagnose(hello).words())
        .endsWith("The rung tls12 admits it; it has no higher version than TLSv1.2.");
  }

  @Test
  void whatWasAgreedOnTellsWhichRungWouldDo() {
    assertThat(LADDER.lowestAgreeing("TLSv1", "AES128-SHA")).contains(Rung.LEGACY);
    assertThat(LADDER.lowestAgreeing("TLSv1.2", "AES128-SHA")).contains(Rung.CIPHERS);
    assertThat(LADDER.lowestAgreeing("TLSv1.3", "TLS_AES_128_GCM_SHA256")).contains(Rung.DIAGNOSE);
    assertThat(LADDER.lowestAgreeing("SSLv3", "RC4-SHA")).isEmpty();
  }

  @Test
  void theRungAboveIsTheNextThatAdmitsIt() {
    ClientHello hello = hello(0x0303, AES128_SHA);
    assertThat(LADDER.admitting(hello, Rung.DIAGNOSE)).contains(Rung.CIPHERS);
    assertThat(LADDER.admitting(hello, Rung.CIPHERS)).contains(Rung.LEGACY);
    assertThat(LADDER.admitting(hello, Rung.LEGACY)).isEmpty();
  }

  // What helps without a waiver.

  /** Behind a strict service that offers no more than this. */
  private static Ladder behind(Offer strict) {
    Map<Rung, Offer> offers = new EnumMap<>(Ladder.usualOffers());
    offers.put(Rung.DIAGNOSE, strict);
    return new Ladder(List.of(Rung.TLS12, Rung.CIPHERS, Rung.LEGACY), true, offers);
  }

  private static final Ladder WITHOUT_TLS13 =
      behind(new Offer(new TreeSet<>(Set.of(0x0303)), Set.of(ECDHE_GCM)));

  /** As smtpd_tls_eecdh_grade = none leaves it: DHE alone. */
  private static final Ladder WITHOUT_ECDHE =
      behind(new Offer(new TreeSet<>(Set.of(0x0301, 0x0303)), Set.of(0x009E, 0x0039)));

  private static Optional<Rung> decided(Ladder ladder, ClientHello hello, Reason reason) {
    return ladder.decide(hello, reason, Rung.LEGACY);
  }

  @Test
  void whoOffersTls13AloneWhereWeExcludeItGetsASentenceAndNoRung() {
    ClientHello hello = hello(false, List.of(0x0304), 0x0304, TLS13_AES);
    assertThat(decided(WITHOUT_TLS13, hello, Reason.UNSUPPORTED_PROTOCOL)).isEmpty();
    assertThat(WITHOUT_TLS13.diagnose(hello).words())
        .endsWith(
            "The strict terms end at TLSv1.2. It has nothing but TLSv1.3, which smtpd_tls_protocols"
                + " (or smtpd_tls_mandatory_protocols) leaves out: allow it there; no relaxed terms"
                + " are needed.");
  }

  @Test
  void whoOffersTls12TooIsJudgedByThat() {
    ClientHello hello = hello(false, List.of(0x0304, 0x0303), 0x0304, TLS13_AES, AES128_SHA);
    assertThat(decided(WITHOUT_TLS13, hello, Reason.NO_SHARED_CIPHER)).contains(Rung.CIPHERS);
  }

  @Test
  void whoNeedsEcdheWhereWeHaveNoneGetsASentenceAndNoRung() {
    ClientHello hello = hello(0x0303, ECDHE_GCM, AES128_SHA);
    assertThat(decided(WITHOUT_ECDHE, hello, Reason.NO_SHARED_CIPHER)).isEmpty();
    assertThat(WITHOUT_ECDHE.diagnose(hello).words())
        .contains("smtpd_tls_eecdh_grade = strong, or auto from 3.2 on, lets it in");
  }

  @Test
  void whoHasNoEcdheEitherIsHelpedAsEver() {
    assertThat(decided(WITHOUT_ECDHE, hello(0x0303, AES128_SHA), Reason.NO_SHARED_CIPHER))
        .contains(Rung.CIPHERS);
    ClientHello ecdsa = hello(0x0303, 0xC02B, AES128_SHA);
    assertThat(decided(WITHOUT_ECDHE, ecdsa, Reason.NO_SHARED_CIPHER))
        .as("we have no such certificate")
        .isPresent();
  }

  @Test
  void whoseGoodGroupsWeLeaveOutGetsASentenceAndNoRung() {
    ClientHello x448 =
        new ClientHello(0x0303, List.of(), List.of(ECDHE_GCM), List.of(30), List.of(), false);
    assertThat(decided(LADDER, x448, Reason.NO_SHARED_CIPHER)).isEmpty();
    assertThat(LADDER.diagnose(x448).words()).contains("tls_eecdh_auto_curves");
  }

  // None above the lowest.

  @Test
  void aFailureThatContradictsTheOfferLeavesNoRung() {
    ClientHello modern = hello(false, List.of(0x0304, 0x0303), 0x0304, TLS13_AES, ECDHE_GCM);
    assertThat(decided(LADDER, modern, Reason.UNSUPPORTED_PROTOCOL)).isEmpty();
    assertThat(decided(LADDER, modern, Reason.NO_SHARED_CIPHER)).isEmpty();
    assertThat(decided(LADDER, modern, Reason.TLS13_TROUBLE)).contains(Rung.TLS12);
    assertThat(decided(LADDER, modern, Reason.NO_SIGNATURE_ALGORITHM)).contains(Rung.CIPHERS);
    assertThat(decided(LADDER, modern, Reason.DH_KEY_TOO_SMALL)).contains(Rung.LEGACY);
  }

  @Test
  void ofTwoHellosTheOneThatAsksForLessCounts() {
    Diagnosis old = LADDER.diagnose(hello(0x0301, AES128_SHA));
    Diagnosis rsa = LADDER.diagnose(hello(0x0303, AES128_SHA));
    Diagnosis alone = LADDER.diagnose(version(0x0303));
    assertThat(old.and(rsa)).isEqualTo(rsa);
    assertThat(rsa.and(old)).isEqualTo(rsa);
    assertThat(old.and(alone)).as("a version alone").isEqualTo(old);
    assertThat(alone.and(old)).isEqualTo(old);
  }

  @Test
  void aLongOfferIsCutShort() {
    int[] many = IntStream.range(0, 30).map(i -> 0xC0F0 + i).toArray();
    assertThat(LADDER.diagnose(hello(0x0301, many)).words()).contains(" and 22 more.");
    assertThat(Arrays.stream(many).count()).isEqualTo(30);
  }
}
