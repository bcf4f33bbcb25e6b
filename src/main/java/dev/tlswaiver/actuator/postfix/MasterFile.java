package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.FileEdit;
import dev.tlswaiver.actuator.HostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The text of master.cf. Everything outside our two marker lines stays as it is, byte for byte:
 *
 * <pre>
 * # BEGIN tlswaiver -- written by tlswaiver; changes between these two lines are undone
 * 10127 inet n - y - - smtpd
 *   -o ...
 * # END tlswaiver
 * </pre>
 *
 * <p>What stands between the two is ours and is put right again. Where the two lines themselves are
 * not as they were, nothing is guessed.
 *
 * @param name the file's name, for messages
 * @param text one character for each byte
 */
public record MasterFile(String name, String text) {
  static final String BEGIN =
      "# BEGIN tlswaiver -- written by tlswaiver; changes between these two lines are undone";

  /** A file without a last newline was given one so that the block could follow. */
  static final String WITHOUT_NEWLINE = " (no newline before)";

  private static final String BEGIN_MARK = "# BEGIN tlswaiver";
  private static final String END_MARK = "# END tlswaiver";

  /** One physical line. */
  private record Line(int number, int start, int end, String text) {
    boolean isComment() {
      return text.isBlank() || text.stripLeading().startsWith("#");
    }

    boolean isContinuation() {
      return !isComment() && Character.isWhitespace(text.charAt(0));
    }
  }

  /** Our lines: both markers, and what is between. */
  private record Block(Line begin, Line end) {
    boolean holds(Line line) {
      return line.number() >= begin.number() && line.number() <= end.number();
    }
  }

  MasterFile(String text) {
    this("master.cf", text);
  }

  /** The one of this configuration directory. */
  public static MasterFile read(Path directory) throws HostException {
    Path file = directory.resolve("master.cf");
    return new MasterFile(
        file.toString(),
        FileEdit.read(file)
            .orElseThrow(
                () ->
                    new HostException(
                        file
                            + " does not exist; is Postfix installed, and"
                            + " postfix.config_directory right?")));
  }

  /** Where something is, as compilers say it. */
  String place(int line) {
    return name + ":" + line;
  }

  /** The entries outside of our block, in order. */
  public List<ServiceEntry> entries() throws HostException {
    Optional<Block> block = block();
    return entries(line -> block.filter(ours -> ours.holds(line)).isEmpty());
  }

  /** The entries of our block, in order. */
  public List<ServiceEntry> blockEntries() throws HostException {
    Optional<Block> block = block();
    return entries(line -> block.filter(ours -> ours.holds(line)).isPresent());
  }

  private List<ServiceEntry> entries(Predicate<Line> wanted) {
    List<ServiceEntry> entries = new ArrayList<>();
    StringBuilder logical = new StringBuilder();
    int first = 0;
    for (Line line : lines()) {
      if (line.isComment() || !wanted.test(line)) {
        continue; // Inside of a logical line too.
      }
      if (!line.isContinuation()) {
        ServiceEntry.find(first, logical.toString()).ifPresent(entries::add);
        logical.setLength(0);
        first = line.number();
      }
      if (first > 0) {
        logical.append(' ').append(line.text());
      }
    }
    ServiceEntry.find(first, logical.toString()).ifPresent(entries::add);
    return entries;
  }

  /** The commented lines that would be an inet service at one of these ports. */
  List<String> commentedOut(Predicate<String> isPort) {
    return lines().stream()
        .filter(line -> line.text().startsWith("#"))
        .filter(
            line ->
                ServiceEntry.find(line.number(), line.text().replaceFirst("^#+\\s*", ""))
                    .filter(entry -> entry.type().equals("inet") && isPort.test(entry.port()))
                    .isPresent())
        .map(line -> place(line.number()))
        .toList();
  }

  private List<Line> lines() {
    List<Line> lines = new ArrayList<>();
    int start = 0;
    while (start < text.length()) {
      int newline = text.indexOf('\n', start);
      int end = newline < 0 ? text.length() : newline + 1;
      String content = text.substring(start, newline < 0 ? end : newline);
      lines.add(new Line(lines.size() + 1, start, end, content));
      start = end;
    }
    return lines;
  }

  private Optional<Block> block() throws HostException {
    Optional<Line> begin = Optional.empty();
    Optional<Line> end = Optional.empty();
    for (Line line : lines()) {
      if (line.text().startsWith(BEGIN_MARK)) {
        if (begin.isPresent()) {
          throw damaged(
              line,
              "a second beginning of tlswaiver's lines; the first is in line "
                  + begin.get().number());
        }
        begin = Optional.of(line);
      } else if (line.text().startsWith(END_MARK)) {
        if (begin.isEmpty() || end.isPresent()) {
          throw damaged(line, "an end of tlswaiver's lines without their beginning");
        }
        end = Optional.of(line);
      } else if (end.isPresent() && line.isContinuation() && isFirstAfter(end.get(), line)) {
        throw damaged(
            line,
            "this line continues the last entry of tlswaiver's; give it an entry of its own, or"
                + " move it to before line "
                + begin.orElse(line).number());
      }
    }
    if (begin.isEmpty()) {
      return Optional.empty();
    }
    if (end.isEmpty()) {
      throw damaged(begin.get(), "tlswaiver's lines have lost their end, '" + END_MARK + "'");
    }
    return Optional.of(new Block(begin.get(), end.get()));
  }

  /** A comment between two lines does not part them. */
  private boolean isFirstAfter(Line end, Line line) {
    return lines().stream()
        .filter(other -> other.number() > end.number() && other.number() < line.number())
        .allMatch(Line::isComment);
  }

  private HostException damaged(Line line, String what) {
    return new HostException(
        place(line.number())
            + ": "
            + what
            + "; tlswaiver leaves the file alone until its lines are whole, or removed by hand");
  }

  /** The text without our block; the same text where there is none. */
  MasterFile withoutBlock() throws HostException {
    Optional<Block> block = block();
    if (block.isEmpty()) {
      return this;
    }
    String before = text.substring(0, block.get().begin().start());
    String rest = text.substring(block.get().end().end());
    boolean isNewlineOurs = block.get().begin().text().endsWith(WITHOUT_NEWLINE) && rest.isEmpty();
    return new MasterFile(
        name, (isNewlineOurs ? before.substring(0, before.length() - 1) : before) + rest);
  }

  /** The text with the block that another version of the file has. */
  MasterFile withBlockOf(MasterFile other) throws HostException {
    Optional<Block> block = other.block();
    return block.isEmpty()
        ? withoutBlock()
        : withBlock(
            List.of(other.text.substring(block.get().begin().end(), block.get().end().start())));
  }

  /** The text with these entries in our block at its end; without a block where there are none. */
  MasterFile withBlock(List<String> entries) throws HostException {
    MasterFile bare = withoutBlock();
    if (entries.isEmpty()) {
      return bare;
    }
    boolean hasNewline = bare.text.isEmpty() || bare.text.endsWith("\n");
    return new MasterFile(
        name,
        bare.text
            + (hasNewline ? "" : "\n")
            + BEGIN
            + (hasNewline ? "" : WITHOUT_NEWLINE)
            + "\n"
            + String.join("", entries)
            + END_MARK
            + "\n");
  }
}
