package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.handshake.ClientHello;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What tls_misc.c of Postfix makes of each form. */
final class ProtocolListTest {
  private static final List<Integer> ALL = List.of(0x0300, 0x0301, 0x0302, 0x0303, 0x0304);
  private static final PostfixVersion NEW = new PostfixVersion(3, 7, 11);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // A list of exclusions.
        "!SSLv2, !SSLv3 | TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
        "!SSLv2,!SSLv3,!TLSv1,!TLSv1.1 | TLSv1.2 TLSv1.3",
        "!TLSv1.1 | SSLv3 TLSv1 TLSv1.2 TLSv1.3",
        // Adding by names takes all others away, TLS 1.3 too.
        "TLSv1, TLSv1.1, TLSv1.2 | TLSv1 TLSv1.1 TLSv1.2",
        "SSLv3:TLSv1 | SSLv3 TLSv1",
        // One name among exclusions is the only one left.
        "!SSLv2,!SSLv3,TLSv1 | TLSv1",
        "TLSv1 !TLSv1 TLSv1.2 | TLSv1.2",
        // Bounds, since Postfix 3.6; the last of a kind counts.
        ">=TLSv1 | TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
        ">=TLSv1.2,<=TLSv1.2 | TLSv1.2",
        "<=TLSv1.1 | SSLv3 TLSv1 TLSv1.1",
        ">=TLSv1.3 >=TLSv1.1 | TLSv1.1 TLSv1.2 TLSv1.3",
        ">=TLSv1.1,!TLSv1.2 | TLSv1.1 TLSv1.3",
        ">=TLSv1.2 TLSv1.1 TLSv1.3 | TLSv1.3",
        ">=None | SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
        // Bounds by number.
        ">=0303 | TLSv1.2 TLSv1.3",
        ">=0x0301 <=0302 | TLSv1 TLSv1.1",
        ">=0305 | ''",
        // Nobody is left, which is no mistake.
        ">=TLSv1.3,<=TLSv1.2 | ''",
        "SSLv2 | ''",
        // Separators, and letters of either case.
        "  tlsv1.2 ,: TLSV1.3, | TLSv1.2 TLSv1.3",
        "'' | SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"
      })
  void aListLetsTheseVersionsBeUsed(String text, String names) {
    assertThat(
            ProtocolList.parse(text, NEW).orElseThrow().of(ALL).stream()
                .map(ClientHello::versionName)
                .collect(Collectors.joining(" ")))
        .isEqualTo(names);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TLSv1.4",
        "!",
        "! TLSv1",
        "TLS1.2",
        "0303",
        "!0301",
        ">=TLSv9",
        ">= TLSv1",
        ">=SSLv2",
        "$x"
      })
  void whatPostfixRefusesIsNoList(String text) {
    assertThat(ProtocolList.parse(text, NEW)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({">=TLSv1, TLSv1.2 TLSv1.3", "'', TLSv1.2 TLSv1.3"})
  void whatTheLibraryLacksNoListBrings(String text, String names) {
    assertThat(
            ProtocolList.parse(text, NEW).orElseThrow().of(List.of(0x0303, 0x0304)).stream()
                .map(ClientHello::versionName)
                .collect(Collectors.joining(" ")))
        .isEqualTo(names);
  }

  /** As smtpd of that release was seen to take it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2.6.6 | !SSLv2, !SSLv3 | TLSv1 TLSv1.1 TLSv1.2",
        "2.6.6 | SSLv3, TLSv1 | SSLv3 TLSv1 TLSv1.1 TLSv1.2",
        "2.10.1 | SSLv3, TLSv1 | SSLv3 TLSv1",
        "2.10.1 | TLSv1.2 | TLSv1.2",
        "2.10.1 | !SSLv2, !SSLv3, !TLSv1.1 | TLSv1 TLSv1.2",
        "3.5.25 | !SSLv2,!SSLv3,!TLSv1.3 | TLSv1 TLSv1.1 TLSv1.2"
      })
  void aReleaseExcludesWhatItHasANameFor(String release, String text, String names)
      throws Exception {
    assertThat(
            ProtocolList.parse(text, PostfixVersion.parse(release))
                .orElseThrow()
                .of(List.of(0x0300, 0x0301, 0x0302, 0x0303))
                .stream()
                .map(ClientHello::versionName)
                .collect(Collectors.joining(" ")))
        .isEqualTo(names);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2.6.6 | !SSLv2, !SSLv3, !TLSv1.1 | !TLSv1.1",
        "2.6.6 | TLSv1.2 | TLSv1.2",
        "2.10.1 | >=TLSv1.2 | >=TLSv1.2",
        "2.11.11 | !SSLv2,!SSLv3,!TLSv1.3 | !TLSv1.3",
        "3.5.25 | <=TLSv1.1 | <=TLSv1.1",
        "3.7.11 | TLSv1, TLSv1.4 | TLSv1.4"
      })
  void aWordThatAReleaseDoesNotKnowSwitchesTlsOff(String release, String text, String word)
      throws Exception {
    PostfixVersion version = PostfixVersion.parse(release);
    assertThat(ProtocolList.parse(text, version)).isEmpty();
    assertThat(ProtocolList.unknownWord(text, version)).contains(word);
  }
}
