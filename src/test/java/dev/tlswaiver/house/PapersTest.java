package dev.tlswaiver.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What the papers name is there: files, classes and their methods, profiles and properties of the
 * build, scripts and their options, decisions. Only code is looked at (in backquotes, or indented
 * by four), and of it only what can't be anything else.
 */
final class PapersTest {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");
  private static final Pattern QUOTED = Pattern.compile("`([^`\n]+)`");
  private static final Pattern PATH =
      Pattern.compile("(?<![\\w/.=-])(?:docs|etc|examples|src|systemd)(?:/[\\w.-]+)+/?");
  private static final Pattern SCRIPT =
      Pattern.compile("((?:src|examples)/[\\w/-]+\\.sh)((?: +[^ #&|`]+)*)");

  private static final Pattern DECLARATION =
      Pattern.compile("\\b(?:class|record|interface|enum) (\\w+)");

  /** A class, with its room before it or a method behind it where they are given. */
  private static final Pattern TYPE =
      Pattern.compile(
          "(?:([a-z]+(?:\\.[a-z]+)?)[./])?([A-Z][a-z0-9]+(?:[A-Z]+[a-z0-9]*)*)(?:\\.(?!java)([a-z]\\w+))?");

  private static final Pattern MAVEN = Pattern.compile("\\bmvn ([^#`\n]*)");
  private static final Pattern PROFILES = Pattern.compile("-P([\\w,]+)");
  private static final Pattern PROPERTY = Pattern.compile("-D([\\w.]+)");
  private static final Pattern TESTS = Pattern.compile("-D(?:it\\.)?test=(\\w+)(?:#(\\w+))?");
  private static final Pattern DECISION = Pattern.compile("[(\\s]decision (\\d+)\\b");

  /** Those of Maven and its plugins. */
  private static final Set<String> THEIR_PROPERTIES = Set.of("test", "it.test", "skipTests");

  /** Words that look like classes and are none of ours. */
  private static final Set<String> THEIR_TYPES =
      Set.of(
          "Tailer", // Commons IO
          "MinProtocol", // OpenSSL's configuration
          "SignatureAlgorithms",
          "NotifyAccess"); // systemd

  private static List<Path> papers() throws IOException {
    List<Path> papers =
        new ArrayList<>(
            List.of(
                Path.of("README.md"), Path.of("CONTRIBUTING.md"), Path.of("examples/README.md")));
    try (Stream<Path> pages = Files.walk(Path.of("docs"))) {
      pages.filter(page -> page.toString().endsWith(".md")).sorted().forEach(papers::add);
    }
    return papers;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** The code on a page: each quoted piece, and each line of a block. */
  private static List<String> code(String page) {
    List<String> code = new ArrayList<>();
    for (String line : page.lines().toList()) {
      if (line.startsWith("    ")) {
        code.add(line.strip());
      }
    }
    code.addAll(quoted(page));
    return code;
  }

  private static List<String> quoted(String page) {
    return QUOTED.matcher(page).results().map(found -> found.group(1)).toList();
  }

  /** Our sources by the names of the types in them. */
  private static Map<String, List<Path>> types() throws IOException {
    Map<String, List<Path>> types = new TreeMap<>();
    for (String root : List.of("src/main/java", "src/test/java", "src/package/java")) {
      try (Stream<Path> files = Files.walk(Path.of(root))) {
        for (Path file : files.filter(it -> it.toString().endsWith(".java")).toList()) {
          DECLARATION
              .matcher(read(file))
              .results()
              .map(found -> found.group(1))
              .distinct()
              .forEach(name -> types.computeIfAbsent(name, unseen -> new ArrayList<>()).add(file));
        }
      }
    }
    return types;
  }

  /** What is named and is not there, over all papers: each with its page. */
  @FunctionalInterface
  private interface Look {
    void at(Path page, String text, Set<String> missing) throws IOException;
  }

  private static Set<String> missing(Look look) throws IOException {
    Set<String> missing = new TreeSet<>();
    for (Path page : papers()) {
      Set<String> here = new TreeSet<>();
      look.at(page, read(page), here);
      here.forEach(what -> missing.add(page + ": " + what));
    }
    return missing;
  }

  @Test
  void everyFileIsThere() throws IOException {
    assertThat(
            missing(
                (page, text, missing) -> {
                  Path folder = page.toAbsolutePath().resolveSibling("");
                  LINK.matcher(text)
                      .results()
                      .map(found -> found.group(1))
                      .filter(link -> !Files.exists(folder.resolve(link)))
                      .forEach(missing::add);
                  for (String piece : code(text)) {
                    PATH.matcher(piece)
                        .results()
                        .map(found -> found.group().replaceFirst("\\.$", ""))
                        .filter(path -> !path.contains("NAME"))
                        .filter(path -> !Files.exists(Path.of(path)))
                        .forEach(missing::add);
                  }
                }))
        .isEmpty();
  }

  @Test
  void everyClassIsThereAndHasTheMethod() throws IOException {
    Map<String, List<Path>> types = types();
    assertThat(
            missing(
                (page, text, missing) -> {
                  for (String piece : quoted(text)) {
                    Matcher type = TYPE.matcher(piece);
                    if (type.matches() && !THEIR_TYPES.contains(type.group(2))) {
                      boolean isThere =
                          types.getOrDefault(type.group(2), List.of()).stream()
                              .anyMatch(file -> fits(file, type.group(1), type.group(3)));
                      if (!isThere) {
                        missing.add(piece);
                      }
                    }
                  }
                }))
        .isEmpty();
  }

  private static boolean fits(Path file, @Nullable String room, @Nullable String method) {
    boolean isInRoom =
        room == null || file.resolveSibling("").endsWith(Path.of("tlswaiver", room.split("\\.")));
    return isInRoom && (method == null || read(file).contains(" " + method + "("));
  }

  @Test
  void everyMavenCommandNamesWhatThePomHas() throws IOException {
    String pom = read(Path.of("pom.xml"));
    Map<String, List<Path>> types = types();
    String tests =
        types.values().stream()
            .flatMap(List::stream)
            .filter(file -> file.startsWith("src/test"))
            .map(PapersTest::read)
            .collect(Collectors.joining());
    assertThat(
            missing(
                (page, text, missing) -> {
                  for (String piece : code(text)) {
                    PROPERTY
                        .matcher(piece)
                        .results()
                        .map(found -> found.group(1))
                        .filter(name -> !THEIR_PROPERTIES.contains(name))
                        .filter(name -> !pom.contains("<" + name + ">"))
                        .filter(name -> !tests.contains("(\"" + name + "\""))
                        .forEach(missing::add);
                    TESTS
                        .matcher(piece)
                        .results()
                        .filter(
                            test ->
                                types.getOrDefault(test.group(1), List.of()).stream()
                                    .noneMatch(file -> fits(file, null, test.group(2))))
                        .forEach(test -> missing.add(test.group()));
                    MAVEN
                        .matcher(piece)
                        .results()
                        .flatMap(maven -> ids(maven.group(1)))
                        .filter(id -> !pom.contains("<id>" + id + "</id>"))
                        .forEach(missing::add);
                  }
                }))
        .isEmpty();
  }

  /** The profiles and executions that Maven is told. */
  private static Stream<String> ids(String arguments) {
    return Stream.concat(
        PROFILES
            .matcher(arguments)
            .results()
            .flatMap(found -> Arrays.stream(found.group(1).split(","))),
        Arrays.stream(arguments.split(" "))
            .filter(goal -> goal.matches("[\\w-]+:[\\w-]+@[\\w-]+"))
            .map(goal -> goal.substring(goal.indexOf('@') + 1)));
  }

  @Test
  void everyScriptKnowsItsOptions() throws IOException {
    assertThat(
            missing(
                (page, text, missing) -> {
                  for (String piece : code(text)) {
                    Matcher script = SCRIPT.matcher(piece);
                    while (script.find() && Files.exists(Path.of(script.group(1)))) {
                      String source = read(Path.of(script.group(1)));
                      Arrays.stream(script.group(2).split(" "))
                          .filter(word -> word.startsWith("--"))
                          .filter(option -> !source.contains(option))
                          .forEach(option -> missing.add(script.group(1) + " " + option));
                    }
                  }
                }))
        .isEmpty();
  }

  @Test
  void everyDecisionIsThereUnderItsNumber() throws IOException {
    Set<String> numbers = new TreeSet<>();
    try (Stream<Path> pages = Files.list(Path.of("docs/decisions"))) {
      for (Path page : pages.toList()) {
        String number =
            String.valueOf(Integer.parseInt(page.getFileName().toString().substring(0, 4)));
        assertThat(read(page)).startsWith("# " + number + ". ");
        assertThat(numbers.add(number)).as(page.toString()).isTrue();
      }
    }
    assertThat(
            missing(
                (page, text, missing) ->
                    DECISION
                        .matcher(text)
                        .results()
                        .map(found -> found.group(1))
                        .filter(number -> !numbers.contains(number))
                        .forEach(missing::add)))
        .isEmpty();
  }

  /** A test that finds nothing to look at is always green. */
  @Test
  void whatIsLookedForIsFound() {
    assertThat(code("see `mvn -q test` and\n\n    src/x.sh --y   # why\n"))
        .containsExactly("src/x.sh --y   # why", "mvn -q test");
    assertThat(PATH.matcher("sudo examples/x.sh").find()).isTrue();
    assertThat(PATH.matcher("/usr/share/doc/tlswaiver/docs/x.md").find()).isFalse();
    assertThat(TYPE.matcher("agent.Pipeline").matches()).isTrue();
    assertThat(TYPE.matcher("actuator.postfix.Offers.of").matches()).isTrue();
    assertThat(TYPE.matcher("PROVEN").matches()).isFalse();
    assertThat(ids("test-compile surefire:test@slow-tests -Pa,b"))
        .containsExactly("a", "b", "slow-tests");
  }
}
