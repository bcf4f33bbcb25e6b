package dev.tlswaiver.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quartz.spi.OperableTrigger;

final class ClockworkTest {
  private static Instant local(String time) {
    return LocalDateTime.parse(time).atZone(ZoneId.systemDefault()).toInstant();
  }

  @ParameterizedTest
  @CsvSource({
    "2026-03-01T07:59:59.900, 2026-03-01T08:00:00",
    "2026-03-01T08:00:00.000, 2026-03-02T08:00:00",
    "2026-03-01T08:00:00.400, 2026-03-02T08:00:00",
    "2026-03-01T08:00:00.999, 2026-03-02T08:00:00",
    "2026-03-01T08:00:01.000, 2026-03-02T08:00:00"
  })
  void theSummaryIsDueOnceADay(String started, String due) {
    OperableTrigger trigger = (OperableTrigger) Clockwork.daily(LocalTime.of(8, 0), local(started));
    assertThat(trigger.computeFirstFireTime(null).toInstant()).isEqualTo(local(due));
  }
}
