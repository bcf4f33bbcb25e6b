package dev.tlswaiver.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.house.ManualClock;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

final class JournalLoggingTest {
  private final ManualClock clock = new ManualClock(Instant.parse("2026-03-01T10:00:00Z"));
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  private Logger logger(boolean underSystemd, String name) {
    return new JournalLogging.Journal(
            new PrintStream(written, true, StandardCharsets.UTF_8),
            underSystemd,
            new Repeats(clock))
        .logger(name);
  }

  private List<String> lines() {
    return written.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void onlyWarningsAreHeldBack() {
    Logger log = logger(false, "dev.tlswaiver.x");
    for (int i = 0; i < 2; i++) {
      log.info("active");
      log.warn("nft: {}", "busy");
      log.error("alarm");
    }
    clock.advance(Duration.ofMinutes(10));
    log.info("later");
    assertThat(lines())
        .containsExactly(
            "tlswaiver: active",
            "tlswaiver: warning: nft: busy",
            "tlswaiver: error: alarm",
            "tlswaiver: active",
            "tlswaiver: error: alarm",
            "tlswaiver: warning: said 1 more times in 10 min: nft: busy",
            "tlswaiver: later");
  }

  @Test
  void eachLineOfAMessageBearsItsPriority() {
    Logger log = logger(true, "dev.tlswaiver.x");
    log.error("refused:\nline 2");
    log.warn("odd");
    log.info("start");
    log.debug("a detail");
    assertThat(lines()).containsExactly("<3>refused:", "<3>line 2", "<4>odd", "<6>start");
  }

  @Test
  void aMistakeOfOursIsToldWithItsPlace() {
    logger(true, "dev.tlswaiver.x").error("odd", new IllegalStateException("no"));
    assertThat(lines())
        .startsWith("<3>odd", "<3>java.lang.IllegalStateException: no")
        .anyMatch(line -> line.startsWith("<3>\tat dev.tlswaiver."));
  }

  @Test
  void aLibraryIsHeardFromWarningsUp() {
    Logger log = logger(true, "org.quartz.core");
    log.info("scheduler started");
    log.warn("misfired");
    log.error("no library", new UnsatisfiedLinkError("not there\nat all"));
    assertThat(lines())
        .containsExactly("<4>misfired", "<3>no library: java.lang.UnsatisfiedLinkError: not there");
  }
}
