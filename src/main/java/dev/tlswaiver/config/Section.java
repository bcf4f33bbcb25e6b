package dev.tlswaiver.config;

import dev.tlswaiver.config.ConfigurationException.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * One mapping of the file. Values are read by our own schema from the text of each scalar, so that
 * YAML 1.1's surprises ({@code on}, {@code 0644}, {@code 1:30}) can't happen. A mistake is noted
 * and the default returned, so that one reading finds them all.
 */
final class Section {
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");
  static final String DURATION_FORM = "a duration like 500ms, 90s, 10m, 24h or 7d, up to 3650d";

  /** The kernel counts timeouts in milliseconds of 64 bits; nobody means more than this. */
  private static final Duration LONGEST = Duration.ofDays(3_650);

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

  private final String file;
  private final List<Problem> problems;
  private final Node node;
  private final Map<String, Node> values = new LinkedHashMap<>();

  private Section(String file, List<Problem> problems, Node node) {
    this.file = file;
    this.problems = problems;
    this.node = node;
  }

  /** The section that the node holds; an empty one where it is no mapping, which is noted. */
  static Section of(String file, List<Problem> problems, Node node, List<String> known) {
    Section section = new Section(file, problems, node);
    if (!(node instanceof MappingNode mapping)) {
      if (!section.isEmptyScalar(node)) {
        section.note(node, "must have keys with values; known here: " + String.join(", ", known));
      }
      return section;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      section.take(tuple, known);
    }
    return section;
  }

  private void take(NodeTuple tuple, List<String> known) {
    if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
      note(tuple.getKeyNode(), "a key must be a word");
      return;
    }
    String name = key.getValue();
    if (!known.contains(name)) {
      note(key, "unknown key '" + name + "'" + suggestion(name, known));
    } else if (values.containsKey(name)) {
      note(key, "the key '" + name + "' stands here a second time; remove one");
    } else {
      values.put(name, tuple.getValueNode());
    }
  }

  private static String suggestion(String name, List<String> known) {
    return known.stream()
        .min(Comparator.comparingInt(word -> distance(name, word)))
        .filter(word -> distance(name, word) <= 2)
        .map(word -> ", did you mean '" + word + "'?")
        .orElse("; known here: " + String.join(", ", known));
  }

  /** Levenshtein's distance. */
  private static int distance(String left, String right) {
    int[] row = new int[right.length() + 1];
    for (int j = 0; j <= right.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= left.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= right.length(); j++) {
        int change = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[right.length()];
  }

  void note(Node where, String message) {
    problems.add(
        new Problem(
            file,
            where.getStartMark().getLine() + 1,
            where.getStartMark().getColumn() + 1,
            message));
  }

  /** Notes a mistake about a key's value, or about the section where the key is absent. */
  void note(String key, String message) {
    note(values.getOrDefault(key, node), message);
  }

  boolean has(String key) {
    return node(key).isPresent();
  }

  /** Whether the key has a list, and that has no element. */
  boolean isEmptyList(String key) {
    return values.get(key) instanceof SequenceNode sequence && sequence.getValue().isEmpty();
  }

  private Optional<Node> node(String key) {
    return Optional.ofNullable(values.get(key)).filter(value -> !isEmptyScalar(value));
  }

  private boolean isEmptyScalar(Node value) {
    return value instanceof ScalarNode scalar
        && scalar.isPlain()
        && (scalar.getValue().isEmpty()
            || scalar.getValue().equals("null")
            || scalar.getValue().equals("~"));
  }

  /** The section below the key; an empty one where it is absent. */
  Section section(String key, List<String> known) {
    return node(key)
        .map(value -> of(file, problems, value, known))
        .orElseGet(() -> new Section(file, problems, node));
  }

  /** The sections of the list below the key; empty where it is absent. */
  Optional<List<Section>> sections(String key, List<String> known) {
    return list(key)
        .map(items -> items.stream().map(item -> of(file, problems, item, known)).toList());
  }

  private Optional<List<Node>> list(String key) {
    Optional<Node> value = node(key);
    if (value.isPresent() && value.get() instanceof SequenceNode sequence) {
      return Optional.of(sequence.getValue());
    }
    value.ifPresent(wrong -> note(wrong, "'" + key + "' must be a list, like [a, b]"));
    return Optional.empty();
  }

  /** Each element of the list, read by the parser; elements that it refuses are noted. */
  <T> Optional<List<T>> words(String key, Function<String, Optional<T>> parser, String expected) {
    Optional<List<Node>> items = list(key);
    if (items.isEmpty()) {
      return Optional.empty();
    }
    List<T> parsed = new ArrayList<>();
    for (Node item : items.get()) {
      scalar(key, item)
          .flatMap(text -> parse(item, key, text, parser, expected))
          .ifPresent(parsed::add);
    }
    return Optional.of(parsed);
  }

  private Optional<String> scalar(String key, Node value) {
    if (value instanceof ScalarNode scalar && !isEmptyScalar(value)) {
      return Optional.of(scalar.getValue());
    }
    note(value, "'" + key + "' must be a plain value here");
    return Optional.empty();
  }

  private <T> Optional<T> parse(
      Node where, String key, String text, Function<String, Optional<T>> parser, String expected) {
    Optional<T> value = parser.apply(text);
    if (value.isEmpty()) {
      note(where, "'" + key + "' can't be '" + text + "': expected " + expected);
    }
    return value;
  }

  /** The value, read by the parser; the default where it is absent, and where it is refused. */
  <T> T value(String key, T standard, Function<String, Optional<T>> parser, String expected) {
    return find(key, parser, expected).orElse(standard);
  }

  /** The value, read by the parser; empty where it is absent, and where it is refused. */
  <T> Optional<T> find(String key, Function<String, Optional<T>> parser, String expected) {
    return node(key)
        .flatMap(
            value -> scalar(key, value).flatMap(text -> parse(value, key, text, parser, expected)));
  }

  int number(String key, int standard, int least, int most) {
    return value(
        key,
        standard,
        text ->
            NUMBER.matcher(text).matches()
                ? Optional.of(Integer.parseInt(text))
                    .filter(number -> number >= least && number <= most)
                : Optional.empty(),
        "a number from " + least + " to " + most);
  }

  boolean flag(String key, boolean standard) {
    return value(
        key,
        standard,
        text ->
            text.equals("true") || text.equals("false")
                ? Optional.of(text.equals("true"))
                : Optional.empty(),
        "true or false");
  }

  /** A length of time, which may be none. */
  Duration duration(String key, Duration standard) {
    return value(key, standard, Section::duration, DURATION_FORM);
  }

  /** A length of time that is one. */
  Duration someDuration(String key, Duration standard) {
    return value(
        key,
        standard,
        text -> duration(text).filter(length -> !length.isZero()),
        DURATION_FORM + ", longer than nothing");
  }

  /** The duration that the text spells, or empty. */
  static Optional<Duration> duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long count = Long.parseLong(matcher.group(1));
    Duration length =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(count);
          case "s" -> Duration.ofSeconds(count);
          case "m" -> Duration.ofMinutes(count);
          case "h" -> Duration.ofHours(count);
          default -> Duration.ofDays(count);
        };
    return Optional.of(length).filter(some -> some.compareTo(LONGEST) <= 0);
  }

  Path path(String key, Path standard) {
    return findPath(key).orElse(standard);
  }

  Optional<Path> findPath(String key) {
    return find(
        key,
        text -> text.startsWith("/") ? Optional.of(Path.of(text)) : Optional.empty(),
        "a path that begins with /");
  }
}
