package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.actuator.HostException;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our block in master.cf goes in and out without a trace, or is refused. */
final class MasterFileBlockTest {
  private static final List<String> ENTRIES =
      List.of("10126 inet n - y - - smtpd\n  -o a=b\n", "10127 inet n - y - - smtpd\n");

  private static final String USUAL = "smtp inet n - y - - smtpd\n  -o x=y\n# the end\n";

  private static String withBlock(String text) throws HostException {
    return new MasterFile(text).withBlock(ENTRIES).text();
  }

  @Provide
  static Arbitrary<String> files() {
    Arbitrary<String> bytes = Arbitraries.strings().withCharRange('\0', '\u00ff').ofMaxLength(12);
    Arbitrary<String> words =
        Arbitraries.of(
            "smtp inet n - y - - smtpd",
            "\t-o smtpd_tls_protocols=>=TLSv1.2",
            "  -o { smtpd_client_restrictions = a, b }",
            "-o {unbalanced",
            "192.0.2.1:smtp      inet  n       -       n       -       1       postscreen",
            "# BEGIN of something",
            "  # BEGIN tlswaiver, quoted",
            "## END tlswaiver",
            "# nothing",
            "",
            "   ",
            "\u00e9\u00ff");
    Arbitrary<String> line = Arbitraries.oneOf(words, bytes);
    Arbitrary<String> newline = Arbitraries.of("\n", "\n", "\n", "\r\n", "\r", "");
    return Arbitraries.oneOf(line, line)
        .flatMap(text -> newline.map(end -> text + end))
        .list()
        .ofMaxSize(12)
        .map(lines -> String.join("", lines))
        .filter(text -> !text.contains("\n# BEGIN tlswaiver") && !text.contains("\n# END tlsw"));
  }

  @Property
  void withOurBlockAndWithoutItAgainIsTheSameBytes(@ForAll("files") String text)
      throws HostException {
    // Invariant 8.
    MasterFile file = new MasterFile(text);
    assertThat(file.withoutBlock().text()).isEqualTo(text);
    MasterFile with = file.withBlock(ENTRIES);
    assertThat(with.text()).startsWith(text);
    assertThat(with.withoutBlock().text()).isEqualTo(text);
    assertThat(with.withBlock(ENTRIES)).isEqualTo(with);
    assertThat(with.withBlock(List.of()).text()).isEqualTo(text);
    assertThat(with.entries()).isEqualTo(file.entries());
    assertThat(with.blockEntries())
        .extracting(ServiceEntry::port)
        .containsExactly("10126", "10127");
  }

  @Property
  void whatTheOperatorAddsBehindOurBlockStays(
      @ForAll("files") String before, @ForAll("files") String after) throws HostException {
    String added = "# mine\n" + "pickup unix n - y 60 1 pickup\n" + after;
    String with = new MasterFile(before).withBlock(ENTRIES).text() + added;
    String newline = before.isEmpty() || before.endsWith("\n") ? "" : "\n";
    assertThat(new MasterFile(with).withoutBlock().text()).isEqualTo(before + newline + added);
  }

  @Property
  void anyChangeOfOneCharacterBetweenOurMarkersIsPutRight(
      @ForAll("files") String before,
      @ForAll("places") double place,
      @ForAll("characters") char character)
      throws HostException {
    String with = new MasterFile(before).withBlock(ENTRIES).text();
    int start = with.indexOf('\n', with.indexOf(MasterFile.BEGIN, before.length())) + 1;
    int end = with.lastIndexOf("# END tlswaiver") - 2;
    int at = start + (int) (place * (end - start));
    String changed = with.substring(0, at) + character + with.substring(at + 1);
    assertThat(new MasterFile(changed).withBlock(ENTRIES).text()).isEqualTo(with);
    assertThat(new MasterFile(changed).withoutBlock().text()).isEqualTo(before);
  }

  @Provide
  static Arbitrary<Double> places() {
    return Arbitraries.doubles().between(0, true, 1, false);
  }

  @Provide
  static Arbitrary<Character> characters() {
    return Arbitraries.chars().range('\0', '\u00ff');
  }

  @Test
  void linesAreNamedAsTheyStandInTheFile() throws HostException {
    String with = withBlock(USUAL) + "# mine\n10025 inet n - n - - smtpd\n";
    assertThat(new MasterFile(with).entries())
        .extracting(ServiceEntry::line)
        .containsExactly(1, 10);
    assertThat(new MasterFile(with).blockEntries())
        .extracting(ServiceEntry::line)
        .containsExactly(5, 7);
  }

  @Test
  void aLostEndIsRefused() throws HostException {
    String lost = withBlock(USUAL).replaceFirst("# END tlswaiver\n", "");
    assertRefused(lost, "master.cf:4: tlswaiver's lines have lost their end");
  }

  @Test
  void aLostBeginningIsRefused() throws HostException {
    String lost = withBlock(USUAL).replaceFirst("# BEGIN .*\n", "");
    assertRefused(lost, "master.cf:7: an end of tlswaiver's lines without their beginning");
  }

  @Test
  void aSecondBlockIsRefused() throws HostException {
    String block = withBlock("");
    assertRefused(
        USUAL + block + "# between\n" + block,
        "master.cf:10: a second beginning of tlswaiver's lines; the first is in line 4");
    assertRefused(
        block.replaceFirst("# END tlswaiver\n", "") + block, "master.cf:5: a second beginning");
  }

  @Test
  void anEntryThatContinuesOursIsRefused() throws HostException {
    assertRefused(
        withBlock(USUAL) + "# mine\n\n  -o z=z\n",
        "master.cf:11: this line continues the last entry of tlswaiver's");
    assertThat(new MasterFile(withBlock(USUAL) + "a unix - - - - - b\n  -o z=z\n").entries())
        .hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "## BEGIN tlswaiver\n",
        "  # BEGIN tlswaiver -- written by tlswaiver\n",
        "# see # END tlswaiver\n",
        "\t# END tlswaiver\n"
      })
  void aCommentThatSpeaksOfOurMarkersIsNone(String comment) throws HostException {
    assertThat(new MasterFile(USUAL + comment).withoutBlock().text()).isEqualTo(USUAL + comment);
    assertThat(new MasterFile(withBlock(USUAL + comment)).withoutBlock().text())
        .isEqualTo(USUAL + comment);
  }

  private static void assertRefused(String text, String message) {
    assertThatThrownBy(() -> new MasterFile(text).withBlock(ENTRIES))
        .isInstanceOf(HostException.class)
        .hasMessageContaining(message);
    assertThatThrownBy(() -> new MasterFile(text).entries()).isInstanceOf(HostException.class);
  }

  @Property
  void argumentsAreReadAsTheyWereWritten(@ForAll("overrides") List<String> overrides)
      throws HostException {
    String entry =
        overrides.stream()
            .map(override -> "  -o " + override + "\n")
            .collect(Collectors.joining("", "10127 inet n - y - - smtpd\n", ""));
    assertThat(new MasterFile(entry).entries().get(0).arguments())
        .isEqualTo(overrides.stream().flatMap(o -> java.util.stream.Stream.of("-o", o)).toList());
  }

  @Provide
  static Arbitrary<List<String>> overrides() {
    return Arbitraries.of(
            "a=b",
            "a=",
            "{ a = b c }",
            "a=${x?{b c}}",
            "a=}b",
            "{a={b} {c}}",
            "a=>=TLSv1.2",
            "a=#b",
            "a=\u00e9")
        .list()
        .ofMaxSize(5);
  }
}
