package dev.tlswaiver.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.maillog.SmallStack;
import dev.tlswaiver.maillog.SmtpdRecord.Dump;
import dev.tlswaiver.maillog.SmtpdRecord.DumpRow;
import dev.tlswaiver.maillog.SyslogParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class ClientHelloTest {
  private static final Path CAPTURES = Path.of("src/test/resources/maillog");

  /** TLS 1.2, static RSA, as a client of OpenSSL 1.0.1 sends it; the random bytes are zeros. */
  private static final String TLS12 =
      "16030100680100006403030000000000000000000000000000000000000000000000000000000000000000"
          + "00000e009d003d0035009c003c002f00ff0100002d00230000000d0020001e0601060206030501050205"
          + "03040104020403030103020303020102020203000f000101";

  private static List<Handshake> handshakes(String capture) throws IOException {
    SyslogParser parser = new SyslogParser(ZoneOffset.UTC);
    Sessions sessions = new Sessions();
    List<Handshake> found = new ArrayList<>();
    for (String line : Files.readAllLines(CAPTURES.resolve(capture), StandardCharsets.ISO_8859_1)) {
      parser
          .parse(line, Instant.parse("2026-12-01T00:00:00Z"))
          .ifPresent(
              message ->
                  sessions.accept(message).stream()
                      .filter(Handshake.class::isInstance)
                      .map(Handshake.class::cast)
                      .forEach(found::add));
    }
    return found;
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  @Test
  void theOfferOfEachOldClientIsRead() throws Exception {
    List<ClientHello> hellos =
        handshakes("postfix26-ossl101e-strict3-short.log").stream()
            .map(handshake -> handshake.hello().orElseThrow())
            .toList();
    assertThat(hellos)
        .extracting(ClientHello::versionName)
        .containsExactly("SSLv3", "TLSv1", "TLSv1.2");
    assertThat(hellos.get(0).suites()).hasSize(49).contains(0x0005, 0xC014).doesNotContain(0x00FF);
    assertThat(hellos.get(0).suiteNames()).contains("ECDHE-RSA-AES256-SHA", "0x0005");
    assertThat(hellos.get(0).suiteWords()).contains("RC4-SHA (gone)");
    assertThat(hellos.get(1).suiteWords()).containsExactly("DES-CBC3-SHA (gone)");
    assertThat(hellos.get(2).suiteNames())
        .containsExactly(
            "AES256-GCM-SHA384",
            "AES256-SHA256",
            "AES256-SHA",
            "AES128-GCM-SHA256",
            "AES128-SHA256",
            "AES128-SHA");
    assertThat(hellos.get(2).signatureAlgorithmNames()).contains("RSA+SHA512", "ECDSA+SHA1");
  }

  @Test
  void theOfferOfEachClientOfATodaysPostfixIsRead() throws Exception {
    List<ClientHello> hellos =
        handshakes("postfix37-openssl30-level3.log").stream()
            .map(handshake -> handshake.hello().orElseThrow())
            .toList();
    assertThat(hellos)
        .extracting(ClientHello::versionName)
        .containsExactly("TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1", "SSLv3");
    assertThat(hellos.get(0).versions()).containsExactly(0x0304, 0x0303, 0x0302, 0x0301);
    assertThat(hellos.get(0).groupNames()).contains("X25519", "P-256");
    assertThat(hellos.get(0).suiteNames()).startsWith("TLS_AES_256_GCM_SHA384");
    assertThat(hellos.get(1).suiteNames()).contains("AES128-SHA");
  }

  @Test
  void theFormOfSslv2CarriesNewerVersions() {
    ClientHello hello =
        ClientHello.parse(bytes("802a01030100090000001000002f010080005600" + "00".repeat(24)))
            .orElseThrow();
    assertThat(hello.versionName()).isEqualTo("TLSv1");
    assertThat(hello.suites()).containsExactly(0x00002F, 0x010080);
    assertThat(hello.isFallback()).isTrue();
    assertThat(hello.suiteNames()).containsExactly("AES128-SHA", "0x010080");
  }

  @Test
  void aHelloMayBeCutIntoRecords() {
    byte[] whole = bytes(TLS12);
    byte[] cut = new byte[whole.length + 5];
    System.arraycopy(whole, 0, cut, 0, 20);
    cut[4] = 15;
    System.arraycopy(bytes("1603010059"), 0, cut, 20, 5);
    System.arraycopy(whole, 20, cut, 25, whole.length - 20);
    assertThat(ClientHello.parse(cut)).isEqualTo(ClientHello.parse(whole)).isPresent();
  }

  @Test
  void inventedValuesAreNoOffer() {
    ClientHello hello =
        ClientHello.parse(
                bytes(
                    "16030100450100004103030000000000000000000000000000000000000000000000000000000000"
                        + "000000000006"
                        + "1a1a1301002f"
                        + "0100"
                        + "0012"
                        + "002b0007062a2a03040303"
                        + "000a0003000101"))
            .orElseThrow();
    // RFC 8701: values that nobody means, to keep servers honest.
    assertThat(hello.versions()).containsExactly(0x0304, 0x0303);
    assertThat(hello.suiteNames()).containsExactly("TLS_AES_128_GCM_SHA256", "AES128-SHA");
  }

  @Test
  void noPartOfAHelloMakesItThrow() {
    byte[] whole = bytes(TLS12);
    for (int length = 0; length < whole.length; length++) {
      assertThat(ClientHello.parse(Arrays.copyOf(whole, length))).isEmpty();
    }
    Random random = new Random(5);
    for (int i = 0; i < 50_000; i++) {
      byte[] damaged = whole.clone();
      for (int j = 0; j <= random.nextInt(4); j++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      assertThat(ClientHello.parse(damaged)).isNotNull();
    }
  }

  @Tag("slow")
  @FuzzTest(maxDuration = "10s")
  void anyBytesAreAHelloOrNone(byte[] data) throws InterruptedException {
    SmallStack.run(() -> helloOrNone(data));
  }

  private static void helloOrNone(byte[] data) {
    ClientHello.parse(data)
        .ifPresent(
            hello -> {
              assertThat(hello.versionName()).isNotEmpty();
              assertThat(hello.suiteWords()).hasSameSizeAs(hello.suites());
            });
  }

  @Test
  void blanksAndZerosThatTheDumpLeavesOutAreTriedBoth() {
    // The record is 0x20 bytes longer than a multiple of 256: its header ends with a blank.
    String body = "01" + "00011c" + "0303" + "00".repeat(32) + "00" + "0002" + "002f" + "0100";
    String padding = "00f1" + "0015" + "00ed" + "41".repeat(237);
    byte[] record = bytes(body + padding);
    assertThat(record).hasSize(0x120);
    HelloDump dump = new HelloDump(new DumpSpace());
    dump.accept(new Dump(true, 0));
    dump.accept(new Dump(true, 5));
    dump.accept(new DumpRow(0, "16030101"));
    dump.accept(new DumpRow(4, ""));
    dump.accept(new Dump(true, record.length));
    for (int at = 0; at < record.length; at += 16) {
      dump.accept(new DumpRow(at, HexFormat.of().formatHex(record, at, at + 16)));
    }
    dump.accept(new Dump(false, 7));
    assertThat(dump.hello().orElseThrow().suiteNames()).containsExactly("AES128-SHA");
  }

  @Test
  void elevenBytesTellTheVersion() throws Exception {
    assertThat(HelloReader.readBeginning(bytes("16030000930100008f0300")))
        .map(ClientHello::versionName)
        .contains("SSLv3");
    assertThat(HelloReader.readBeginning(bytes("16030100680100006403".concat("01"))))
        .map(ClientHello::versionName)
        .contains("TLSv1");
    assertThat(HelloReader.readBeginning(bytes("810d01030000e400000020")))
        .map(ClientHello::versionName)
        .contains("SSLv3");
    // What is no hello, has no version that there is, or was read further.
    assertThat(HelloReader.readBeginning("EHLO x.exam".getBytes(StandardCharsets.US_ASCII)))
        .isEmpty();
    assertThat(HelloReader.readBeginning(bytes("16030000930100008f0320"))).isEmpty();
    assertThat(HelloReader.readBeginning(bytes("16030000930100008f030000"))).isEmpty();
    List<Handshake> seen = handshakes("hello-of-11-bytes.log");
    assertThat(seen).hasSize(1);
    ClientHello hello = seen.get(0).hello().orElseThrow();
    assertThat(hello.versionName()).isEqualTo("SSLv3");
    assertThat(hello.hasSuites()).isFalse();
  }

  @Test
  void groupsAfterQuantumComputersHaveTheirNames() {
    ClientHello hello =
        new ClientHello(
            0x0304,
            List.of(),
            List.of(),
            List.of(0x11EB, 0x11EC, 0x11ED, 0x0200, 0x0201, 0x0202),
            List.of(),
            false);
    assertThat(hello.groupNames())
        .containsExactly(
            "SecP256r1MLKEM768",
            "X25519MLKEM768",
            "SecP384r1MLKEM1024",
            "MLKEM512",
            "MLKEM768",
            "MLKEM1024");
  }

  @Test
  void aHelloOfAllNumbersIsCutOff() {
    String suites = "c02f".repeat(8_000);
    String body = "0303" + "00".repeat(32) + "00" + "%04x".formatted(16_000) + suites + "0100";
    String message = "01" + "%06x".formatted(body.length() / 2) + body;
    ClientHello hello =
        ClientHello.parse(bytes("160301" + "%04x".formatted(message.length() / 2) + message))
            .orElseThrow();
    assertThat(hello.suites()).hasSize(256);
  }

  @Test
  void allDumpsTogetherHaveABound() {
    DumpSpace space = new DumpSpace();
    List<HelloDump> dumps = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      HelloDump dump = new HelloDump(space);
      dump.accept(new Dump(true, 16_000));
      dumps.add(dump);
    }
    assertThat(space.left()).isBetween(0, 32_000);
    dumps.forEach(HelloDump::clear);
    assertThat(space.left()).isEqualTo(DumpSpace.MOST_BYTES);
  }

  @Test
  void aDumpIsTakenUpWhereItWas() {
    HelloDump dump = new HelloDump(new DumpSpace());
    byte[] whole = bytes(TLS12);
    dump.accept(new Dump(true, whole.length));
    dump.accept(new DumpRow(0, TLS12.substring(0, 32)));
    HelloDump again = new HelloDump(new DumpSpace());
    again.restore(dump.toText());
    assertThat(again.toText()).isEqualTo(dump.toText());
    for (int at = 16; at < whole.length; at += 16) {
      int to = Math.min(whole.length, at + 16);
      again.accept(new DumpRow(at, HexFormat.of().formatHex(whole, at, to)));
    }
    assertThat(again.hello()).isEqualTo(ClientHello.parse(whole));
    for (String damaged :
        List.of("", "x", "0 11 reading 16", "5 2 over 1603", "0 99999999 over ")) {
      again.restore(damaged);
      assertThat(again.hello()).isEmpty();
    }
  }

  @Test
  void aDumpWithoutEndIsBounded() {
    HelloDump dump = new HelloDump(new DumpSpace());
    for (int i = 0; i < 1_000; i++) {
      dump.accept(new Dump(true, 999_999_999));
      dump.accept(new DumpRow(0, "16"));
    }
    assertThat(dump.hello()).isEmpty();
  }
}
