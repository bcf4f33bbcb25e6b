package dev.tlswaiver.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.agent.Backtest;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.excerpt.ExcerptReader;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Pool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The lines that started it: examples/maillog. */
final class OriginalReportTest {
  private static final Path LOG = Path.of("examples/maillog");
  private static final Instant WRITTEN = Instant.parse("2019-08-24T06:00:00Z");

  private static Report report() throws Exception {
    ReportCounter counter =
        new ReportCounter(
            new ExcerptReader(ZoneOffset.UTC),
            Configuration.defaults().policy().pools(),
            new OwnProbes(Set.of()),
            Optional.empty(),
            Optional.empty());
    Files.readAllLines(LOG).forEach(line -> counter.accept(line, WRITTEN));
    return counter.finish();
  }

  @Test
  void allItsFailuresAreReadWithSenderAddressReasonAndCode() throws Exception {
    assertThat(report().failures())
        .extracting(
            failure ->
                failure.name().map(HostName::text).orElse("-")
                    + " "
                    + failure.address().map(IpAddress::toString).orElse("-")
                    + " "
                    + failure.pool().map(Pool::id).orElse("-")
                    + " "
                    + failure.reason().label()
                    + " "
                    + failure.openssl().orElse("-"))
        .containsExactlyInAnyOrder(
            "mail-lf1-f44.google.com 209.85.167.44 google.com no-shared-cipher 1408A0C1",
            "mail-lf1-f47.google.com 209.85.167.47 google.com no-shared-cipher 1408A0C1",
            "mta3.email.secretescapes.com 198.245.84.110 secretescapes.com unknown-protocol 140760FC",
            "mta.email.bbc.com 198.245.84.99 bbc.com unknown-protocol 140760FC",
            "201-62-89-201.life.com.br 201.62.89.201 201.62.89.201 other -",
            "- - - unknown-protocol 140760FC");
  }

  @Test
  void theTextIsTheOneShownInTheExamples() throws Exception {
    assertThat(ReportText.render(report(), 50))
        .isEqualTo(Files.readString(Path.of("examples/report.txt")));
  }

  @Test
  void soIsTheReplay() throws Exception {
    Backtest backtest =
        new Backtest(Configuration.defaults(), Map.of(), new ExcerptReader(ZoneId.systemDefault()));
    Files.readAllLines(LOG).forEach(line -> backtest.accept(line, WRITTEN));
    assertThat(backtest.finish().text())
        .isEqualTo(Files.readString(Path.of("examples/replay.txt")));
  }
}
