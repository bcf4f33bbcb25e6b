package dev.tlswaiver.cli;

import com.google.gson.JsonObject;
import dev.tlswaiver.excerpt.ExcerptReader;
import dev.tlswaiver.judge.Policy;
import dev.tlswaiver.maillog.Headers;
import dev.tlswaiver.maillog.UnreadableLineException;
import dev.tlswaiver.report.Explainer;
import dev.tlswaiver.report.Explanation;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Says how each line is read, and what it would count for. */
@Command(name = "explain", description = "How each line is read, and what it would count for.")
final class ExplainCommand extends FormattedCommand {
  @Parameters(
      arity = "0..*",
      paramLabel = "LINE",
      description = "Log lines, in quotes, or files; - or nothing for standard input.")
  private List<String> lines = List.of("-");

  /** Each line is shown with what it means, so all are kept: as many as the small heap has room. */
  static final int MOST_LINES = 10_000;

  static final int MOST_CHARACTERS = 1 << 20;

  private final Supplier<Headers> headers;
  private final SetAside setAside = new SetAside();
  private long taken;
  private long characters;
  private long left;

  ExplainCommand(PrintStream out) {
    this(out, () -> new ExcerptReader(ZoneId.systemDefault()));
  }

  /** One that reads headers in such a way. */
  ExplainCommand(PrintStream out, Supplier<Headers> headers) {
    super(out);
    this.headers = headers;
  }

  @Override
  public Integer call() throws Exception {
    Explainer explainer =
        new Explainer(
            headers.get(),
            configuration().rules().stream().map(Policy.RuleSettings::rule).toList());
    for (String line : lines) {
      if (line.equals("-") || isFile(line)) {
        Logs read = new Logs(List.of(line), this::say);
        read.readExcerpts(
            setAside,
            (text, written) -> explain(explainer, text, written),
            explainer::postfixLines);
        read.sayIfAhead(explainer.lastTime());
      } else {
        String[] texts = line.lines().toArray(String[]::new);
        for (int i = 0; i < texts.length; i++) {
          String text = texts[i];
          setAside.reading("the argument", i + 1L, () -> explain(explainer, text, Instant.now()));
        }
      }
    }
    setAside.sentence().ifPresent(this::say);
    if (left > 0) {
      say(
          "this is more than is explained at once: "
              + left
              + " lines were left out; pick those of one client or process with grep, or let"
              + " tlswaiver report count them all");
    }
    Explanation explanation = explainer.finish();
    out.print(
        isJson()
            ? Json.text(setAside.in(counted(Json.of(explanation), explainer.postfixLines())))
            : explanation.text());
    return Exit.DONE;
  }

  private void explain(Explainer explainer, String line, Instant written) {
    if (taken == MOST_LINES || characters + line.length() > MOST_CHARACTERS) {
      left++;
      return;
    }
    taken++;
    characters += line.length();
    UnreadableLineException.reading(() -> explainer.accept(line, written));
  }

  private static JsonObject counted(JsonObject json, long postfixLines) {
    json.addProperty("postfix_lines", postfixLines);
    return json;
  }

  private static boolean isFile(String text) {
    try {
      return Files.exists(Path.of(text));
    } catch (InvalidPathException line) {
      return false;
    }
  }
}
