package dev.tlswaiver.cli;

import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.excerpt.ExcerptReader;
import dev.tlswaiver.maillog.Headers;
import dev.tlswaiver.maillog.UnreadableLineException;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.report.OwnProbes;
import dev.tlswaiver.report.Report;
import dev.tlswaiver.report.Report.Grouping;
import dev.tlswaiver.report.ReportCounter;
import dev.tlswaiver.report.ReportHtml;
import dev.tlswaiver.report.ReportText;
import dev.tlswaiver.report.Sieve;
import java.io.IOException;
import java.io.PrintStream;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
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
  private static final int MOST_ROWS = 50;

  @Option(
      names = "--format",
      paramLabel = "F",
      defaultValue = "text",
      converter = Page.class,
      description = "text, json or html (default: ${DEFAULT-VALUE}).")
  private Form form = Form.TEXT;

  @Option(
      names = "--by",
      paramLabel = "GROUP",
      defaultValue = "address",
      converter = Group.class,
      description = "Put failures together by address, pool or reason (default: ${DEFAULT-VALUE}).")
  private Grouping by = Grouping.ADDRESS;

  /** Null where the operator says nothing: a page for a person then has its own measure. */
  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Show the N most frequent failures; 0 for all (default: 50 in text).")
  private @Nullable Integer top;

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
      description = "Log files in any order, packed or not; - for standard input.")
  private List<String> logs = List.of();

  private final Supplier<Headers> headers;
  private final SetAside setAside = new SetAside();
  private Optional<Sieve> sieve = Optional.empty();

  /** The block that is counted, by the lines before it. */
  private record Place(String log, long before) {}

  private final OwnProbes own = new OwnProbes(addresses());

  private Place place = new Place("", 0);

  ReportCommand(PrintStream out) {
    this(out, () -> new ExcerptReader(ZoneId.systemDefault()));
  }

  /** One that reads headers in such a way. */
  ReportCommand(PrintStream out, Supplier<Headers> headers) {
    super(out);
    this.headers = headers;
  }

  /** How a report is written. */
  enum Form {
    TEXT,
    JSON,
    HTML
  }

  /** Reads the form that the operator typed. */
  static final class Page implements ITypeConverter<Form> {
    @Override
    public Form convert(String word) {
      return switch (word.toLowerCase(Locale.ROOT)) {
        case "text" -> Form.TEXT;
        case "json" -> Form.JSON;
        case "html" -> Form.HTML;
        default -> throw new TypeConversionException("not text, json or html: " + word);
      };
    }
  }

  /** Reads the grouping that the operator typed. */
  static final class Group implements ITypeConverter<Grouping> {
    @Override
    public Grouping convert(String word) {
      return switch (word.toLowerCase(Locale.ROOT)) {
        case "address" -> Grouping.ADDRESS;
        case "pool" -> Grouping.POOL;
        case "reason" -> Grouping.REASON;
        default -> throw new TypeConversionException("not address, pool or reason: " + word);
      };
    }
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
    Logs read = new Logs(logs, this::say);
    Report report = count(read, configuration()).by(by);
    read.sayIfAhead(report.to());
    setAside.sentence().ifPresent(this::say);
    out.print(
        switch (form) {
          case TEXT -> ReportText.render(report, most(MOST_ROWS));
          case JSON -> Json.text(setAside.in(Json.of(report.top(most(Integer.MAX_VALUE)))));
          case HTML -> ReportHtml.render(report.top(most(Integer.MAX_VALUE)));
        });
    return Exit.DONE;
  }

  private Report count(Logs read, Configuration configuration) throws IOException {
    if (since != null || until != null) {
      ReportCounter counter = counter(configuration);
      read.read(setAside, (line, written) -> count(counter, line, written), counter::postfixLines);
      return counter.finish();
    }
    if (read.areExcerpts()) {
      ReportCounter counter = counter(configuration);
      read.readExcerpts(
          setAside, (line, written) -> count(counter, line, written), counter::postfixLines);
      return counter.finish();
    }
    read.scan(
        own::mayBe,
        (log, before, found, written) -> {
          place = new Place(log, before);
          sieve(configuration).accept(found, written);
        },
        () -> sieve.map(Sieve::postfixLines).orElse(0L));
    return sieve(configuration).finish();
  }

  private static void count(ReportCounter counter, String line, Instant written) {
    UnreadableLineException.reading(() -> counter.accept(line, written));
  }

  /** Made when the first block was scanned: other threads are at work while suffixes are read. */
  private Sieve sieve(Configuration configuration) {
    Sieve made =
        sieve.orElseGet(
            () ->
                new Sieve(
                    counter(configuration),
                    (line, why) -> setAside.add(place.log(), place.before() + line, why)));
    sieve = Optional.of(made);
    return made;
  }

  private ReportCounter counter(Configuration configuration) {
    return new ReportCounter(
        headers.get(),
        configuration.policy().pools(),
        own,
        Optional.ofNullable(since),
        Optional.ofNullable(until));
  }

  /** This machine's, as far as it tells them. */
  private static Set<IpAddress> addresses() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .map(address -> IpAddress.of(address.getAddress()))
          .collect(Collectors.toSet());
    } catch (SocketException none) {
      return Set.of();
    }
  }

  private int most(int usual) {
    int most = top == null ? usual : top;
    return most == 0 ? Integer.MAX_VALUE : most;
  }
}
