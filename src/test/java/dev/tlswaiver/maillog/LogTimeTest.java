package dev.tlswaiver.maillog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LogTimeTest {
  private static final DateTimeFormatter RFC_3339 =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSxxx");

  private static final DateTimeFormatter BSD_TIME =
      DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final LogTime times = new LogTime(ZoneOffset.UTC);

  private Optional<Instant> time(String stamp) {
    return times
        .find(stamp + "  mx postfix/smtpd[1]: connect", 0, Instant.EPOCH)
        .flatMap(LogTime.Stamp::time);
  }

  @Property
  void aTimeIsReadAsTheLibraryReadsIt(
      @ForAll @LongRange(min = 0, max = 4_000_000_000L) long second,
      @ForAll @IntRange(max = 999_999) int micros,
      @ForAll @IntRange(min = -72, max = 72) int quarters) {
    OffsetDateTime when =
        Instant.ofEpochSecond(second, micros * 1_000L)
            .atOffset(ZoneOffset.ofTotalSeconds(quarters * 900));
    assertThat(time(RFC_3339.format(when))).contains(when.toInstant());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-03-01T10:00:00Z",
        "2026-03-01T10:00:00+00:00",
        "2026-03-01T11:00:00.0+01:00",
        "2026-03-01T05:00:00-0500",
        "2026-03-01T10:00:00",
        "2026-03-01 10:00:00 UTC",
      })
  void itsRelativesMeanTheSame(String stamp) {
    assertThat(time(stamp)).contains(Instant.parse("2026-03-01T10:00:00Z"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-02-29T10:00:00+00:00",
        "2026-13-01T10:00:00+00:00",
        "2026-03-01T24:00:01+00:00",
        "2026-03-01T10:60:00Z",
        "2026-03-01T10:00:00+99:00",
      })
  void whatIsNoTimeIsNone(String stamp) {
    assertThat(time(stamp)).isEmpty();
  }

  /** The clock goes on between the lines of one hour, and may be set. */
  @Property
  void whatWasReadBeforeChangesNoYear(
      @ForAll @LongRange(min = 1_700_000_000L, max = 1_900_000_000L) long second,
      @ForAll @IntRange(min = -90_000, max = 90_000) int off,
      @ForAll @IntRange(min = 0, max = 2) int years,
      @ForAll @LongRange(min = -90_000, max = 90_000) long later) {
    Instant first = Instant.ofEpochSecond(second);
    Instant next = first.plusSeconds(off / 25);
    Instant reference = first.plusSeconds(off + years * 31_536_000L);
    LogTime fresh = new LogTime(ZoneOffset.UTC);
    assertThat(times.find(line(first), 0, reference))
        .isEqualTo(fresh.find(line(first), 0, reference));
    Instant now = reference.plusSeconds(later);
    assertThat(times.find(line(next), 0, now))
        .isEqualTo(new LogTime(ZoneOffset.UTC).find(line(next), 0, now));
  }

  private static String line(Instant time) {
    return BSD_TIME.format(time) + " mx postfix/smtpd[1]: connect";
  }
}
