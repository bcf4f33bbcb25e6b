package dev.tlswaiver.control;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import dev.tlswaiver.config.ConfigurationReader;
import dev.tlswaiver.waiver.Rung;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A request as a line of JSON. The words are a contract: an agent of another release is asked in
 * the same ones.
 */
final class RequestLine {
  private static final Gson GSON = new Gson();
  private static final String FORMAT = "format";
  private static final String TEXT = "text";

  private RequestLine() {}

  /**
   * What stands in a line. One of a stranger, or of another release, may lack any of it.
   *
   * @param target whom it is about
   * @param arguments the command's options by name
   */
  private record Words(String command, String target, Map<String, String> arguments) {
    Words {
      command = command == null ? "" : command;
      target = target == null ? "" : target;
      arguments = arguments == null ? Map.of() : arguments;
    }

    Optional<String> argument(String name) {
      return Optional.ofNullable(arguments.get(name));
    }
  }

  private static final class Writer implements Request.Visitor<Words, RuntimeException> {
    @Override
    public Words revoke(Request.Revoke request) {
      return new Words("revoke", request.target(), Map.of());
    }

    @Override
    public Words approve(Request.Approve request) {
      return new Words("approve", request.target(), Map.of());
    }

    @Override
    public Words grant(Request.Grant request) {
      Map<String, String> arguments = new TreeMap<>();
      arguments.put("rung", request.rung().label());
      arguments.put("reason", request.reason());
      request.length().ifPresent(length -> arguments.put("for", seconds(length)));
      if (request.isForced()) {
        arguments.put("force", "true");
      }
      return new Words("grant", request.target(), arguments);
    }

    @Override
    public Words pause(Request.Pause request) {
      return new Words("pause", "", Map.of("for", seconds(request.length())));
    }

    @Override
    public Words resume() {
      return new Words("resume", "", Map.of());
    }

    @Override
    public Words list(Request.Inventory request) {
      return new Words(
          "list",
          "",
          request.all()
              ? Map.of(FORMAT, request.format(), "all", "true")
              : Map.of(FORMAT, request.format()));
    }

    @Override
    public Words show(Request.Show request) {
      return new Words("show", request.target(), Map.of(FORMAT, request.format()));
    }

    private static String seconds(Duration length) {
      return length.toSeconds() + "s";
    }
  }

  static String write(Request request) {
    return GSON.toJson(request.accept(new Writer()));
  }

  /**
   * Reads a line.
   *
   * @throws MalformedException if it is no request; has the reply that says so
   */
  static Request read(String line) throws MalformedException {
    try {
      Words words = GSON.fromJson(line, Words.class);
      if (words == null || words.command().isEmpty()) {
        throw new MalformedException(64, "no command");
      }
      return request(words);
    } catch (JsonParseException malformed) {
      throw new MalformedException(64, "not a request");
    }
  }

  private static Request request(Words words) throws MalformedException {
    return switch (words.command()) {
      case "revoke" -> new Request.Revoke(words.target());
      case "approve" -> new Request.Approve(words.target());
      case "grant" ->
          new Request.Grant(
              words.target(),
              words
                  .argument("rung")
                  .flatMap(Rung::find)
                  .orElseThrow(() -> new MalformedException(1, "no rung given")),
              length(words),
              Printable.line(words.argument("reason").orElse("")),
              words.argument("force").isPresent());
      case "pause" ->
          new Request.Pause(
              length(words).orElseThrow(() -> new MalformedException(1, "no time given")));
      case "resume" -> new Request.Resume();
      case "list" -> new Request.Inventory(format(words), words.argument("all").isPresent());
      case "show" -> new Request.Show(words.target(), format(words));
      default ->
          throw new MalformedException(64, "no such command: " + Printable.line(words.command()));
    };
  }

  private static String format(Words words) {
    return words.argument(FORMAT).orElse(TEXT);
  }

  private static Optional<Duration> length(Words words) throws MalformedException {
    Optional<String> text = words.argument("for");
    Optional<Duration> length =
        text.flatMap(ConfigurationReader::findDuration).filter(some -> !some.isZero());
    if (text.isPresent() && length.isEmpty()) {
      throw new MalformedException(1, "not a duration: " + Printable.line(text.get()));
    }
    return length;
  }

  /** A line that is no request. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The exit code of a command that said such a thing. */
    private final int exit;

    MalformedException(int exit, String message) {
      super(message);
      this.exit = exit;
    }

    Reply reply() {
      return new Reply(exit, StartException.say(this));
    }
  }
}
