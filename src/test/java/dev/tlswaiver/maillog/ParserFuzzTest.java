package dev.tlswaiver.maillog;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.tlswaiver.scan.BlockScan;
import dev.tlswaiver.scan.Findings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever stands in a log, reading it ends and does not throw. {@code mvn verify} runs the seeds;
 * {@code JAZZER_FUZZ=1 mvn test -Dtest=ParserFuzzTest#aLine} looks for more.
 */
final class ParserFuzzTest {
  private static final Path SEEDS =
      Path.of("src/test/resources/dev/tlswaiver/maillog/ParserFuzzTestInputs");
  private static final Instant REFERENCE = Instant.parse("2026-12-01T00:00:00Z");

  /** The fuzzer takes seconds to begin; its seeds alone do not. */
  @ParameterizedTest
  @ValueSource(strings = {"aLine", "aSentence", "aBlock"})
  void noSeedMakesItThrow(String name) throws IOException, InterruptedException {
    try (var files = Files.list(SEEDS.resolve(name))) {
      for (Path seed : files.toList()) {
        byte[] data = Files.readAllBytes(seed);
        switch (name) {
          case "aLine" -> aLine(data);
          case "aSentence" -> aSentence(data);
          default -> aBlock(data);
        }
      }
    }
  }

  @Tag("slow")
  @FuzzTest(maxDuration = "10m")
  void aLine(byte[] data) throws InterruptedException {
    String text = new String(data, StandardCharsets.UTF_8);
    SmallStack.run(() -> line(text));
  }

  private static void line(String line) {
    new SyslogParser(ZoneOffset.UTC)
        .parse(line, REFERENCE)
        .ifPresent(
            message -> {
              assertThat(SmtpdRecord.parse(message.text()).word()).isNotEmpty();
              assertThat(message.tellsGap()).isIn(true, false);
            });
  }

  @Tag("slow")
  @FuzzTest(maxDuration = "10m")
  void aSentence(byte[] data) throws InterruptedException {
    String text = new String(data, StandardCharsets.UTF_8);
    SmallStack.run(() -> sentence(text));
  }

  private static void sentence(String text) {
    assertThat(SmtpdRecord.parse(text).word()).isNotEmpty();
    assertThat(SmtpdRecord.parse("SSL_accept error from " + text).word()).isNotEmpty();
    assertThat(SmtpdRecord.parse("TLS library problem: " + text).word()).isNotEmpty();
    assertThat(SmtpdRecord.parse("Anonymous TLS connection established from " + text).word())
        .isNotEmpty();
  }

  @Tag("slow")
  @FuzzTest(maxDuration = "10m")
  void aBlock(byte[] data) {
    Findings found = new BlockScan().scan(data, data.length);
    for (int i = 0; i < found.size(); i++) {
      found.lines(i, line -> assertThat(line).doesNotContain("\n"));
      switch (found.kind(i)) {
        case READ, DOUBTFUL -> {}
        case ESTABLISHED -> found.quarter(i);
        case FAILED -> found.peerText(i);
        case PLAINTEXT -> found.mayBeAnyOf(i, number -> false);
        case JOIN, BEGIN, END, LAST, LEFT_OPEN, CAUSE ->
            assertThat(found.line(i)).doesNotContain("\n");
      }
    }
  }
}
