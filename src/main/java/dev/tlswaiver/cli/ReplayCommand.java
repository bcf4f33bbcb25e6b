package dev.tlswaiver.cli;

import com.google.gson.JsonObject;
import dev.tlswaiver.agent.Backtest;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.config.ConfigurationException;
import dev.tlswaiver.config.ConfigurationReader;
import dev.tlswaiver.excerpt.ExcerptReader;
import dev.tlswaiver.maillog.Headers;
import dev.tlswaiver.report.Comparison;
import dev.tlswaiver.report.Comparison.Named;
import dev.tlswaiver.report.Replay;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs past logs through the rooms that think, in the log's time. */
@Command(
    name = "replay",
    description = "What would have been waived, when and why, over past logs.")
final class ReplayCommand extends FormattedCommand {
  @Option(
      names = "--compare",
      paramLabel = "OTHER",
      description = "Another configuration file: what differs with it; exit code 3 if anything.")
  private @Nullable Path other;

  @Parameters(
      arity = "1..*",
      paramLabel = "LOG",
      description = "Log files in any order, packed or not; - for standard input.")
  private List<String> logs = List.of();

  private final Supplier<Headers> headers;
  private final SetAside setAside = new SetAside();

  ReplayCommand(PrintStream out) {
    this(out, () -> new ExcerptReader(ZoneId.systemDefault()));
  }

  /** One that reads headers in such a way. */
  ReplayCommand(PrintStream out, Supplier<Headers> headers) {
    super(out);
    this.headers = headers;
  }

  @Override
  public Integer call() throws Exception {
    Backtest backtest = backtest(configuration());
    if (other != null) {
      return compare(backtest, other);
    }
    read(backtest, backtest::accept);
    Replay replay = backtest.finish();
    JsonObject json = Json.of(replay);
    json.addProperty("postfix_lines", backtest.postfixLines());
    out.print(isJson() ? Json.text(setAside.in(json)) : replay.text());
    return Exit.DONE;
  }

  private void read(Backtest first, BiConsumer<String, Instant> lines) throws IOException {
    Logs read = new Logs(logs, this::say);
    if (read.areExcerpts()) {
      read.readExcerpts(setAside, lines, first::postfixLines);
    } else {
      read.read(setAside, lines, first::postfixLines);
    }
    read.sayIfAhead(first.lastTime());
    setAside.sentence().ifPresent(this::say);
  }

  private Backtest backtest(Configuration configuration) {
    return Backtest.onThisHost(configuration, headers.get());
  }

  /** Both read the same lines, once. */
  private int compare(Backtest first, Path file) throws IOException, ConfigurationException {
    Backtest second = backtest(ConfigurationReader.read(file));
    read(
        first,
        (line, written) -> {
          first.accept(line, written);
          second.accept(line, written);
        });
    Comparison comparison =
        new Comparison(
            new Named(
                configurationFile().map(Path::toString).orElse("the defaults"), first.finish()),
            new Named(file.toString(), second.finish()));
    JsonObject json = Json.of(comparison);
    json.addProperty("postfix_lines", first.postfixLines());
    out.print(isJson() ? Json.text(setAside.in(json)) : comparison.text());
    return comparison.differences().isEmpty() ? Exit.DONE : Exit.DIFFERENCES;
  }
}
