package dev.tlswaiver.cli;

import dev.tlswaiver.agent.Rooms;
import dev.tlswaiver.maillog.SyslogParser;
import dev.tlswaiver.report.Report;
import dev.tlswaiver.report.ReportText;
import java.io.PrintStream;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Says who fails and why, and which protocols and ciphers are in use. */
@Command(
    name = "report",
    description = "Who fails and why; protocols and ciphers in use, over past logs.")
final class ReportCommand extends OutputCommand {
  @Option(
      names = "--format",
      paramLabel = "F",
      defaultValue = "text",
      converter = Format.Converter.class,
      description = "text or json (default: ${DEFAULT-VALUE}).")
  private Format format = Format.TEXT;

  /** Null where the operator sets no bound. */
  @Option(
      names = "--since",
      paramLabel = "T",
      converter = Time.class,
      description = "Leave out what was before this time, like 2026-11-24T08:00:00Z.")
  private @Nullable Instant since;

  /** Null where the operator sets no bound. */
  @Option(
      names = "--until",
      paramLabel = "T",
      converter = Time.class,
      description = "Leave out what was at this time or later.")
  private @Nullable Instant until;

  @Parameters(
      arity = "1..*",
      paramLabel = "LOG",
      description = "Log files, oldest first; .gz too; - for standard input.")
  private List<String> logs = List.of();

  ReportCommand(PrintStream out) {
    super(out);
  }

  /** A point in time as the operator types it. */
  static final class Time implements ITypeConverter<Instant> {
    @Override
    public Instant convert(String text) {
      try {
        return Instant.parse(text);
      } catch (DateTimeParseException wrong) {
        throw new TypeConversionException("not a time like 2026-11-24T08:00:00Z: " + text);
      }
    }
  }

  @Override
  public Integer call() throws Exception {
    Report.Counter counter =
        new Report.Counter(
            new SyslogParser(ZoneId.systemDefault()),
            Rooms.pools(configuration()),
            Optional.ofNullable(since),
            Optional.ofNullable(until));
    Logs.read(logs, counter::accept);
    Report report = counter.finish();
    out.print(format == Format.JSON ? Json.text(Json.of(report)) : ReportText.render(report));
    return Exit.DONE;
  }
}
