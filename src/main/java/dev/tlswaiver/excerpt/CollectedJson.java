package dev.tlswaiver.excerpt;

import dev.tlswaiver.excerpt.ExcerptReader.Read;
import dev.tlswaiver.maillog.JsonLine;
import dev.tlswaiver.maillog.JsonTexts;
import dev.tlswaiver.maillog.JsonTexts.Text;
import dev.tlswaiver.maillog.LogTime.Stamp;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.maillog.SyslogParser;
import dev.tlswaiver.maillog.Tag;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A message of Postfix in what a collector of logs writes as JSON. Each has names of its own for
 * the same few fields, and puts them into objects of its own: so the field is looked for that reads
 * as a whole line, and else the one that is a tag of Postfix, with the text beside it.
 */
final class CollectedJson {
  /** The names of texts, those first that hold a line as it was. */
  private static final List<String> TEXTS =
      List.of(
          "original",
          "full_message",
          "raw",
          "log",
          "line",
          "message",
          "msg",
          "short_message",
          "text",
          "body",
          "content",
          "payload",
          "textpayload",
          "syslogmessage",
          "stringvalue",
          "data",
          "value");

  private static final List<String> PROGRAMS =
      List.of(
          "program",
          "programname",
          "appname",
          "app_name",
          "application_name",
          "application",
          "syslog_identifier",
          "identifier",
          "ident",
          "syslogtag",
          "tag",
          "process_name",
          "program_name");

  private static final List<String> PROCESSES =
      List.of(
          "pid",
          "procid",
          "proc_id",
          "processid",
          "process_id",
          "process_pid",
          "syslog_pid",
          "syslog_procid");

  private static final List<String> HOSTS =
      List.of(
          "hostname",
          "host",
          "host_name",
          "host_hostname",
          "fromhost",
          "syslog_hostname",
          "computer",
          "machinename");

  private static final List<String> TIMES =
      List.of(
          "timestamp",
          "time",
          "timereported",
          "date",
          "ts",
          "datetime",
          "eventtime",
          "isodate",
          "realtime_timestamp",
          "source_realtime_timestamp",
          "created",
          "timegenerated",
          "starttime",
          "timecreated",
          "systemtime",
          "receivedat",
          "devicereportedtime",
          "timeunixnano");

  private final ExcerptReader reader;

  CollectedJson(ExcerptReader reader) {
    this.reader = reader;
  }

  /** The message that stands in the document at the place; empty where there is no document. */
  Optional<Read> find(String line, int start, Instant reference) {
    boolean isDocument = start < line.length() && "{[\"".indexOf(line.charAt(start)) >= 0;
    if (!isDocument) {
      return Optional.empty();
    }
    String json = line.substring(start).strip();
    if (json.startsWith("\"")) {
      return field(json, reference);
    }
    String whole =
        Pairs.ruby(json).orElse(json.endsWith(",") ? json.substring(0, json.length() - 1) : json);
    Optional<List<Text>> texts = JsonTexts.find(whole);
    if (texts.isEmpty() && (whole.contains("=>") || whole.startsWith("{'"))) {
      texts = JsonTexts.find(Pairs.lenient(whole));
    }
    if (texts.isEmpty()) {
      return Optional.empty();
    }
    Map<String, String> fields = byName(texts.get());
    if (fields.containsKey("message") && isJournal(texts.get())) {
      return Optional.of(
          JsonLine.find(whole)
              .flatMap(entry -> reader.wrapped(entry.text(), reference))
              .orElse(nobodys(whole)));
    }
    return Optional.of(find(fields, texts.get(), reference).orElse(nobodys(whole)));
  }

  /**
   * {@code "message": "...",} of a document that has a line for each field, or a text that is a
   * document itself.
   */
  private Optional<Read> field(String line, Instant reference) {
    String whole = line.endsWith(",") ? line.substring(0, line.length() - 1) : line;
    boolean isDocument = whole.startsWith("\"{");
    return JsonTexts.find(isDocument ? "[" + whole + "]" : "{" + whole + "}")
        .filter(texts -> texts.size() == 1)
        .filter(texts -> isDocument || TEXTS.contains(last(texts.get(0).path())))
        .flatMap(texts -> whole(texts.get(0).value(), reference));
  }

  /** {@code message: '...'} of a document of YAML. */
  Optional<Read> yaml(String line, Instant reference) {
    int colon = line.indexOf(": ");
    boolean isText = colon > 0 && TEXTS.contains(plain(line.substring(0, colon)));
    return isText
        ? whole(ExcerptReader.unquoted(line.substring(colon + 2)), reference)
        : Optional.empty();
  }

  /** Whether a field with this name holds a text. */
  static boolean isText(String name) {
    return TEXTS.contains(plain(name));
  }

  private static Read nobodys(String text) {
    return new Read(
        new SyslogMessage(Optional.empty(), Optional.empty(), "", "", Optional.empty(), text),
        false);
  }

  /** Only journald's own fields say what is Postfix in an entry of the journal. */
  private static boolean isJournal(List<Text> texts) {
    return texts.stream().anyMatch(text -> text.path().startsWith("MESSAGE"))
        && texts.stream().anyMatch(text -> text.path().equals("__REALTIME_TIMESTAMP"));
  }

  private Optional<Read> find(Map<String, String> fields, List<Text> texts, Instant reference) {
    Optional<Stamp> time = time(fields, reference);
    Optional<String> host = any(fields, HOSTS);
    // A tag with dots is the way that a collector sends it.
    boolean isQuoted =
        any(fields, PROGRAMS)
            .filter(name -> name.indexOf('.') < 0 || !name.equals(fields.get("tag")))
            .filter(ExcerptReader::isAnothers)
            .isPresent();
    Optional<Read> line = isQuoted ? Optional.empty() : line(fields, texts, reference);
    return line.or(() -> parts(fields, texts))
        .map(
            read ->
                read.within(
                    time.flatMap(Stamp::time), time.filter(Stamp::isZoned).isPresent(), host));
  }

  /** A field that is a whole line of Postfix's. */
  private Optional<Read> line(Map<String, String> fields, List<Text> texts, Instant reference) {
    boolean hasText = TEXTS.stream().anyMatch(fields::containsKey);
    List<String> values =
        hasText
            ? TEXTS.stream().map(name -> fields.getOrDefault(name, "")).toList()
            : texts.stream().filter(Text::isQuoted).map(Text::value).toList();
    return values.stream()
        .filter(value -> !value.isBlank())
        .flatMap(value -> whole(value, reference).stream())
        .findFirst();
  }

  private Optional<Read> whole(String value, Instant reference) {
    return reader
        .wrapped(value, reference)
        .filter(read -> read.isPostfix() && !read.message().text().isBlank());
  }

  /** A tag, its process and the text in fields of their own. */
  private static Optional<Read> parts(Map<String, String> fields, List<Text> texts) {
    Optional<String> text =
        TEXTS.stream()
            .filter(name -> !name.equals("original"))
            .flatMap(name -> Optional.ofNullable(fields.get(name)).stream())
            .map(value -> value.replace('\n', ' ').strip())
            .filter(value -> !value.isEmpty())
            .findFirst();
    Optional<Tag> tag =
        texts.stream()
            .filter(Text::isQuoted)
            .filter(field -> !TEXTS.contains(last(field.path())))
            .flatMap(field -> ExcerptReader.postfix(field.value().strip()).stream())
            .findFirst();
    Optional<String> program = any(fields, PROGRAMS);
    if (tag.isEmpty()) {
      // Some collectors keep no more than "postfix" of the tag, or nothing.
      return text.filter(ExcerptReader::isSentence)
          .filter(sentence -> program.filter(name -> !isPostfix(name)).isEmpty())
          .map(sentence -> ExcerptReader.bare(Optional.empty(), Optional.empty(), sentence))
          .map(message -> new Read(message, false));
    }
    Optional<Integer> pid =
        any(fields, PROCESSES)
            .filter(number -> number.length() <= 9 && number.chars().allMatch(Character::isDigit))
            .map(Integer::valueOf);
    Tag whole = tag.get();
    return text.map(
        sentence ->
            new Read(
                SyslogParser.message(
                    Optional.empty(),
                    Optional.empty(),
                    new Tag(whole.instance(), whole.service(), whole.pid().or(() -> pid)),
                    sentence),
                false));
  }

  private static boolean isPostfix(String program) {
    return program.startsWith("postfix") || program.equals("smtpd");
  }

  private Optional<Stamp> time(Map<String, String> fields, Instant reference) {
    return TIMES.stream()
        .flatMap(name -> Optional.ofNullable(fields.get(name)).stream())
        .flatMap(value -> reader.time(value, Optional.of(reference)).stream())
        .findFirst();
  }

  private static Optional<String> any(Map<String, String> fields, List<String> names) {
    return names.stream()
        .flatMap(name -> Optional.ofNullable(fields.get(name)).stream())
        .filter(value -> !value.isBlank())
        .map(value -> value.replace('\n', ' ').strip())
        .findFirst();
  }

  /**
   * The values by their names in lower case, each under its own and under its object's and its own:
   * {@code name} and {@code process_name}. The first of a name counts.
   */
  private static Map<String, String> byName(List<Text> texts) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (Text text : texts) {
      boolean isNull = !text.isQuoted() && text.value().equals("null");
      if (!isNull) {
        fields.putIfAbsent(last(text.path()), text.value());
        fields.putIfAbsent(lastTwo(text.path()), text.value());
      }
    }
    return fields;
  }

  /** The name without its object's, and without what marks it as a collector's own. */
  private static String last(String path) {
    return plain(path.substring(path.lastIndexOf('.') + 1));
  }

  private static String lastTwo(String path) {
    int dot = path.lastIndexOf('.');
    int before = path.lastIndexOf('.', dot - 1);
    return plain(path.substring(before + 1));
  }

  private static String plain(String name) {
    int at = 0;
    while (at < name.length() && "_@#".indexOf(name.charAt(at)) >= 0) {
      at++;
    }
    return name.substring(at).toLowerCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /**
   * The messages of a document that has several, each as a document of its own, with what stands
   * outside of the list; empty where there are not two.
   */
  static List<String> records(String json) {
    Map<String, List<Text>> groups = new LinkedHashMap<>();
    List<String> records = new ArrayList<>();
    List<Text> common = new ArrayList<>();
    for (Text text : JsonTexts.find(json).orElse(List.of())) {
      int element = text.path().lastIndexOf("#");
      if (element < 0) {
        common.add(text);
      } else {
        int dot = text.path().indexOf('.', element);
        // An element that is no object belongs to the list that it is in, as a pair's half does.
        int end = dot < 0 ? Math.max(0, element - 1) : dot;
        groups
            .computeIfAbsent(text.path().substring(0, end), unseen -> new ArrayList<>())
            .add(text);
      }
    }
    groups.forEach(
        (way, texts) -> {
          if (texts.stream().filter(CollectedJson::isElement).count() > 1) {
            // A list of lines.
            texts.forEach(line -> records.add(document(common, List.of(line))));
          } else if (texts.stream().anyMatch(CollectedJson::isMessage)) {
            records.add(document(common, texts));
          }
        });
    return records.size() < 2 ? List.of() : records;
  }

  private static boolean isMessage(Text text) {
    return isElement(text)
        || (text.isQuoted() && TEXTS.contains(last(text.path())) && text.value().indexOf(' ') > 0);
  }

  /** Whether it is an element of a list, and perhaps a line. */
  private static boolean isElement(Text text) {
    return text.isQuoted()
        && text.path().startsWith("#", text.path().lastIndexOf('.') + 1)
        && text.value().indexOf(' ') > 0;
  }

  /** The texts of several lines, each as its lines. */
  static List<List<String>> listings(String json) {
    return JsonTexts.find(json).orElse(List.of()).stream()
        .map(text -> text.value().lines().filter(line -> !line.isBlank()).toList())
        .filter(lines -> lines.size() > 1)
        .toList();
  }

  /** A document with these fields. */
  static String object(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(field -> quoted(field.getKey()) + ":" + quoted(field.getValue()))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String document(List<Text> common, List<Text> own) {
    StringBuilder json = new StringBuilder("{");
    for (List<Text> texts : List.of(own, common)) {
      for (Text text : texts) {
        json.append(json.length() > 1 ? "," : "")
            .append(quoted(name(text)))
            .append(':')
            .append(text.isQuoted() ? quoted(text.value()) : text.value());
      }
    }
    return json.append('}').toString();
  }

  /** Of a pair of a time and a line each half gets the name that others give it. */
  private static String name(Text text) {
    int dot = text.path().lastIndexOf('.');
    String name = text.path().substring(dot + 1);
    if (!name.startsWith("#")) {
      int number = text.path().lastIndexOf('#');
      return text.path().substring(number < 0 ? 0 : text.path().indexOf('.', number) + 1);
    }
    return text.value().indexOf(' ') > 0 ? "line" : "time";
  }

  private static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char here = text.charAt(i);
      if (here == '"' || here == '\\') {
        json.append('\\').append(here);
      } else {
        json.append(here < ' ' ? ' ' : here);
      }
    }
    return json.append('"').toString();
  }
}
