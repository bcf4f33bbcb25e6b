package dev.tlswaiver.excerpt;

import dev.tlswaiver.maillog.Headers;
import dev.tlswaiver.maillog.LogTime.Stamp;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.maillog.SyslogParser;
import dev.tlswaiver.maillog.Tag;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Reads the header of a line however it came here: as a logger wrote it, quoted, pasted from a page
 * or a terminal, wrapped by a collector once or more, with parts of it missing. Used by one thread.
 *
 * <p>It goes from the left, word by word, and stops at the tag. Behind the tag of Postfix all is
 * text; behind that of another program a whole header may begin, at once and nowhere else.
 */
public final class ExcerptReader implements Headers {
  /** More words than that stand before no header. */
  private static final String BORDERS = "|\u2502\u2503";

  private static final int MOST_WORDS = 12;

  /** Words between a time and the tag: hosts, and how grave it is. */
  private static final int MOST_BEHIND_TIME = 4;

  /** As often as that a header may stand within another. */
  private static final int MOST_WRAPS = 4;

  /** Places within a word at which a time may stand, behind the names that grep(1) adds. */
  private static final int MOST_PLACES = 24;

  private static final int LONGEST_MARK = 200;

  /** A time, a host, a facility in a column of a table. */
  private static final int LONGEST_FIELD = 40;

  /**
   * The words of which the names of containers with a mail server are, and of what runs them. Any
   * other program that has a line of Postfix in its own line only quotes it.
   */
  private static final Set<String> CARRIERS =
      Set.of(
          "docker",
          "dockerd",
          "podman",
          "conmon",
          "containerd",
          "container",
          "compose",
          "stack",
          "mail",
          "mailserver",
          "mailcow",
          "mailcowdockerized",
          "mailu",
          "postfix",
          "smtp",
          "smtpd",
          "mx",
          "mta",
          "relay",
          "server",
          "syslog",
          "syslogd",
          "rsyslog",
          "rsyslogd",
          "systemd",
          "ng");

  /** What stands between the words of a container's name. */
  private static final String BETWEEN = "-_.0123456789";

  /** A container's id, or what is shown of it. */
  private static final int LEAST_ID = 12;

  private static final String SMTPD = "smtpd";

  private static final String REPEATED = "last message repeated ";

  private static final String OPENING_QUOTES = "'\u201c\u2018\u00ab\u201e";
  private static final String CLOSING_QUOTES = "'\u201d\u2019\u00bb\u201c";

  private static final String QUOTE_MARKS = " >|*`#;!\u2022\u00b7\u00bb\u201c\u201d";

  /** How the sentences begin by which a line without a tag is known. */
  static final List<String> BEGINNINGS =
      List.of(
          "SSL_accept error from ",
          "warning: TLS library problem: ",
          "TLS library problem: ",
          "connect from ",
          "disconnect from ",
          "lost connection after ",
          "setting up TLS connection from ",
          "TLS handshake failed for ",
          "Anonymous TLS connection established from ",
          "Untrusted TLS connection established from ",
          "Trusted TLS connection established from ",
          "Verified TLS connection established from ");

  private final SyslogParser live;
  private final ShownTime times;
  private final CollectedJson json = new CollectedJson(this);

  /** How many texts within texts are being read. */
  private int nesting;

  /** Where a header is looked for. */
  enum Place {
    /** At a line's beginning, with marks of who showed it in front. */
    LINE,
    /** In a text that another program wrote, or in a field: at its very beginning. */
    WRAPPED
  }

  /** A message, and whether its time tells its zone. */
  record Read(SyslogMessage message, boolean isZoned) {
    boolean isPostfix() {
      return message.isPostfix();
    }

    /** The same, with the time and host of what it was wrapped in where it has none of its own. */
    Read within(Optional<Instant> time, boolean isTimeZoned, Optional<String> host) {
      boolean isOuter = message.time().isEmpty() || (isTimeZoned && !isZoned && time.isPresent());
      return new Read(
          new SyslogMessage(
              isOuter ? time : message.time(),
              message.host().or(() -> host),
              message.instance(),
              message.service(),
              message.pid(),
              message.text()),
          isOuter ? isTimeZoned : isZoned);
    }
  }

  /**
   * @param zone the zone of headers that name none
   */
  public ExcerptReader(ZoneId zone) {
    this.live = new SyslogParser(zone);
    this.times = new ShownTime(zone);
  }

  @Override
  public Optional<Instant> time(String line, Instant reference) {
    return times.find(line, 0, reference).flatMap(Stamp::time);
  }

  @Override
  public Optional<SyslogMessage> parse(String line, Instant reference) {
    return header(PlainText.of(SyslogParser.withoutNuls(line)), reference)
        .map(message -> message.isSmtpServer() ? completed(message) : message);
  }

  private static SyslogMessage completed(SyslogMessage message) {
    String text = CutSentence.whole(message.text());
    return text.equals(message.text()) ? message : withText(message, text);
  }

  private static SyslogMessage withText(SyslogMessage message, String text) {
    return new SyslogMessage(
        message.time(), message.host(), message.instance(), message.service(), message.pid(), text);
  }

  private Optional<SyslogMessage> header(String whole, Instant reference) {
    Optional<SyslogMessage> usual = usual(whole, reference);
    if (usual.isPresent()) {
      return usual;
    }
    Optional<SyslogMessage> tabbed = tabbed(whole, reference);
    if (tabbed.isPresent()) {
      return tabbed;
    }
    String text = unquoted(withoutRightBorder(Markup.removed(whole)));
    int start = afterQuoteMarks(text);
    String quoted = unquoted(text.substring(start));
    if (quoted.length() < text.length() - start) {
      text = quoted; // An element of a list: behind its mark it may have quotes.
      start = afterQuoteMarks(text);
    }
    return start == text.length()
        ? Optional.empty()
        : Optional.of(read(text, start, reference).message());
  }

  /** A row of a table, or of a window with a frame, ends with what it begins with. */
  private static String withoutRightBorder(String text) {
    String row = text.strip();
    boolean isFramed =
        row.length() > 2
            && BORDERS.indexOf(row.charAt(0)) >= 0
            && row.charAt(row.length() - 1) == row.charAt(0)
            && row.charAt(row.length() - 2) == ' ';
    return isFramed ? row.substring(0, row.length() - 1).stripTrailing() : text;
  }

  /** A text without its quotes, an element of a list perhaps, and with the line's end in it. */
  static String unquoted(String text) {
    int start = 0;
    while (start < text.length() && "[( ".indexOf(text.charAt(start)) >= 0) {
      start++;
    }
    start += text.startsWith("b'", start) ? 1 : 0;
    int quote = start < text.length() ? OPENING_QUOTES.indexOf(text.charAt(start)) : -1;
    int end = text.length();
    while (end > start + 1 && ",]) ".indexOf(text.charAt(end - 1)) >= 0) {
      end--;
    }
    boolean isQuoted =
        quote >= 0 && end > start + 1 && text.charAt(end - 1) == CLOSING_QUOTES.charAt(quote);
    if (!isQuoted) {
      return text;
    }
    String inside = text.substring(start + 1, end - 1);
    return inside.endsWith("\\n") ? inside.substring(0, inside.length() - 2) : inside;
  }

  /** Most lines stand in a log as they are; of a line of Postfix's nothing more need be asked. */
  private Optional<SyslogMessage> usual(String line, Instant reference) {
    boolean isMarked =
        line.isEmpty()
            || line.charAt(0) < '0'
            || line.charAt(0) > 'Z'
            || line.indexOf('\t') >= 0
            || line.indexOf('\\') >= 0
            || line.indexOf('&') >= 0
            || line.indexOf('\u001b') >= 0
            || line.indexOf("  ", 16) >= 0
            || line.endsWith(">")
            || line.endsWith(" ")
            || line.endsWith("`")
            || line.endsWith("*")
            || line.contains("[/")
            || line.contains("<http")
            || line.contains("|http")
            || line.contains("](");
    return isMarked
        ? Optional.empty()
        : live.parse(line, reference)
            .filter(SyslogMessage::isPostfix)
            .filter(message -> !mayRepeat(message));
  }

  private static boolean mayRepeat(SyslogMessage message) {
    return message.text().contains(message.service() + "[");
  }

  /** A field of a line with tabs may be a whole line of a log. */
  private Optional<SyslogMessage> tabbed(String line, Instant reference) {
    int tab = line.indexOf('\t');
    if (tab < 0 || line.indexOf('\t', tab + 1) < 0) {
      return Optional.empty();
    }
    List<String> fields = Columns.split(line, '\t');
    return whole(fields, reference).or(() -> plainColumns(fields, reference)).map(Read::message);
  }

  /** A tag in a field of its own, with nothing but short words in those before it. */
  private Optional<Read> plainColumns(List<String> fields, Instant reference) {
    for (String field : fields) {
      String word = field.strip();
      if (word.indexOf(' ') < 0 && postfix(word).isPresent()) {
        return columns(fields, reference);
      }
      // A sentence may hold what a client said, with separators in it.
      boolean isPlain = word.length() <= LONGEST_FIELD && !word.contains(": ");
      if (!isPlain || word.chars().anyMatch(here -> "\"<>=[]()".indexOf(here) >= 0)) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** The field that is a whole line of Postfix's, with the time that another field has. */
  private Optional<Read> whole(List<String> fields, Instant reference) {
    if (fields.stream().anyMatch(ExcerptReader::isAnothersTag)) {
      return Optional.of(
          new Read(untagged(Optional.empty(), Optional.empty(), String.join(" ", fields)), false));
    }
    return fields.stream()
        .filter(field -> field.length() > LONGEST_MARK / 10)
        .flatMap(field -> wrapped(field, reference).stream())
        .filter(read -> read.isPostfix() && !read.message().text().isBlank())
        .findFirst()
        .map(read -> timed(read, fields, reference));
  }

  /** {@code fail2ban[900]}, {@code fail2ban:}: whatever else stands in its row, it wrote. */
  private static boolean isAnothersTag(String field) {
    String word = field.strip();
    return (word.endsWith(":") || word.endsWith("]"))
        && !SyslogParser.isSeverity(word)
        && isAnothers(word);
  }

  /** Whether it is the name of a program that passes no line of Postfix's on, or its tag. */
  static boolean isAnothers(String word) {
    return word.indexOf(' ') < 0
        && Tag.find(word)
            .or(() -> Tag.bare(word))
            .filter(tag -> !tag.isPostfix() && !isId(tag.instance()) && !isCarrier(tag.instance()))
            .isPresent();
  }

  private Read timed(Read read, List<String> fields, Instant reference) {
    return Stream.concat(fields.stream(), pairs(fields))
        .flatMap(field -> times.whole(field, reference).stream())
        .findFirst()
        .map(stamp -> read.within(stamp.time(), stamp.isZoned(), Optional.empty()))
        .orElse(read);
  }

  /** A date and a clock may have a column each. */
  private static Stream<String> pairs(List<String> fields) {
    return IntStream.range(1, fields.size())
        .mapToObj(i -> fields.get(i - 1).strip() + " " + fields.get(i).strip());
  }

  private Read read(String line, int start, Instant reference) {
    String rest = line.substring(start);
    return json.find(line, start, reference)
        .or(() -> table(rest, reference))
        .or(() -> json.yaml(rest, reference))
        .or(() -> Xml.json(rest).flatMap(document -> json.find(document, 0, reference)))
        .or(() -> Pairs.json(rest).flatMap(pairs -> json.find(pairs, 0, reference)))
        .orElseGet(() -> scanned(line, start, reference));
  }

  /** Only what can't be read from the left may be a table without quotes. */
  private Read scanned(String line, int start, Instant reference) {
    Read read = scan(line, start, reference, Place.LINE, 0);
    return read.isPostfix()
        ? read
        : Stream.of(',', ';')
            .map(separator -> Columns.split(line.substring(start), separator))
            .flatMap(fields -> plainColumns(fields, reference).stream())
            .findFirst()
            .orElse(read);
  }

  /** A text that another program wrote, or a field's. */
  Optional<Read> wrapped(String text, Instant reference) {
    String shown = Markup.removed(SyslogParser.withoutNuls(text)).strip();
    String line = shown.endsWith("\\n") ? shown.substring(0, shown.length() - 2) : shown;
    if (line.isEmpty() || nesting == MOST_WRAPS) {
      return Optional.empty();
    }
    nesting++;
    try {
      return json.find(line, 0, reference)
          .or(() -> Optional.of(scan(line, 0, reference, Place.WRAPPED, 0)));
    } finally {
      nesting--;
    }
  }

  /** The time that a field is. */
  Optional<Stamp> time(String field, Optional<Instant> reference) {
    return times.whole(field, reference.orElse(Instant.EPOCH));
  }

  /** Fields in quotes, or behind a time and a comma. */
  private Optional<Read> table(String line, Instant reference) {
    Optional<List<String>> fields = Columns.quoted(line);
    if (fields.isEmpty()) {
      int end = separator(line);
      boolean isTable = end > 0 && times.whole(line.substring(0, end), reference).isPresent();
      fields = isTable ? Optional.of(Columns.split(line, line.charAt(end))) : Optional.empty();
    }
    return fields.flatMap(found -> whole(found, reference).or(() -> columns(found, reference)));
  }

  /** The first comma or semicolon that ends a time, if one may. */
  private static int separator(String line) {
    for (int i = 0; i < line.length() && i < 40; i++) {
      char here = line.charAt(i);
      boolean isFraction = i + 1 < line.length() && Character.isDigit(line.charAt(i + 1));
      if (here == ';' || (here == ',' && !isFraction)) {
        return i;
      }
    }
    return -1;
  }

  /** A tag in one field, its process and the text in others. */
  private Optional<Read> columns(List<String> fields, Instant reference) {
    Optional<Tag> tag = Optional.empty();
    Optional<String> text = Optional.empty();
    Optional<Integer> pid = Optional.empty();
    for (String field : fields) {
      String word = field.strip();
      Optional<Tag> found = word.indexOf(' ') < 0 ? postfix(word) : Optional.empty();
      if (tag.isEmpty() && found.isPresent()) {
        tag = found;
      } else if (tag.isPresent() && pid.isEmpty() && text.isEmpty() && isProcess(word)) {
        pid = Optional.of(Integer.valueOf(word));
      } else if ((text.isEmpty() && tag.isPresent() && word.indexOf(' ') > 0) || isSentence(word)) {
        text = text.filter(ExcerptReader::isSentence).or(() -> Optional.of(word));
      }
    }
    Tag who = tag.orElse(new Tag("", "smtpd", pid));
    Optional<Integer> process = who.pid().or(() -> Optional.empty());
    Optional<Integer> beside = pid;
    return text.filter(words -> who.isPostfix() && (!who.instance().isEmpty() || isSentence(words)))
        .map(
            words ->
                new Read(
                    SyslogParser.message(
                        Optional.empty(),
                        Optional.empty(),
                        new Tag(who.instance(), who.service(), process.or(() -> beside)),
                        words),
                    false))
        .map(read -> timed(read, fields, reference));
  }

  private static boolean isProcess(String word) {
    return !word.isEmpty()
        && word.length() <= 7
        && word.chars().allMatch(here -> here >= '0' && here <= '9');
  }

  /** The tag of Postfix that a word is, with or without its colon. */
  static Optional<Tag> postfix(String word) {
    return (word.endsWith(":") ? Tag.find(word) : Tag.bare(word)).filter(Tag::isPostfix);
  }

  /** Whether a text without a tag is one of smtpd(8)'s about TLS. */
  static boolean isSentence(String text) {
    return isSentence(text, 0);
  }

  private static boolean isSentence(String line, int at) {
    return BEGINNINGS.stream().anyMatch(words -> line.startsWith(words, at))
        && isKnown(SmtpdRecord.parse(line.substring(at)));
  }

  static boolean isKnown(SmtpdRecord record) {
    return !(record instanceof SmtpdRecord.Unrecognized) && !(record instanceof SmtpdRecord.Other);
  }

  /** People quote lines with marks in front, and put comment signs there. */
  private static int afterQuoteMarks(String line) {
    int at = 0;
    while (at < line.length() && isQuoteMark(line, at)) {
      at++;
    }
    return at;
  }

  private static boolean isQuoteMark(String line, int at) {
    char here = line.charAt(at);
    boolean isDoubled = at + 1 < line.length() && " -/".indexOf(line.charAt(at + 1)) >= 0;
    boolean isBehindSame = at > 0 && line.charAt(at - 1) == here;
    return QUOTE_MARKS.indexOf(here) >= 0
        || ("-/%+:".indexOf(here) >= 0 && (isDoubled || isBehindSame));
  }

  /** The way from the left to the tag. */
  private Read scan(String line, int start, Instant reference, Place place, int wraps) {
    Optional<Instant> time = Optional.empty();
    Optional<String> host = Optional.empty();
    boolean isTimed = false;
    boolean isZoned = false;
    boolean isCounted = false;
    int textStart = start;
    int behindTime = 0;
    int at = start;
    for (int words = 0; words < MOST_WORDS; words++) {
      at = afterSeparators(line, at, isTimed);
      if (at >= line.length()) {
        break;
      }
      int behindPriority = SyslogParser.afterPriority(line, at);
      boolean isRfc5424 = line.startsWith("1 ", behindPriority);
      int from = isRfc5424 ? behindPriority + 2 : behindPriority;
      Optional<Stamp> stamp = stamp(line, from, time.orElse(reference), place, isTimed, host);
      if (stamp.isPresent()) {
        boolean isOuter = isZoned && !stamp.get().isZoned();
        time = isOuter ? time : stamp.get().time();
        isZoned |= stamp.get().isZoned();
        if (isRfc5424) {
          Stamp known = new Stamp(time, afterBlanks(line, stamp.get().end()), isZoned);
          Optional<SyslogMessage> message = SyslogParser.structured(known, line);
          if (message.isPresent()) {
            return unwrapped(new Read(message.get(), isZoned), reference, wraps);
          }
        }
        isTimed = true;
        host = Optional.empty();
        behindTime = 0;
        at = SyslogParser.afterStream(line, afterBlanks(line, stamp.get().end()));
        textStart = at;
        continue;
      }
      at = behindPriority;
      int end = wordEnd(line, at);
      String word = line.substring(at, end);
      if (line.startsWith(REPEATED, at)) {
        return new Read(untagged(time, host, line.substring(at)), isZoned);
      }
      if (line.charAt(at) == '{') {
        Optional<Read> found = json.find(line, at, reference);
        if (found.isPresent()) {
          return found.get().within(time, isZoned, host);
        }
      }
      boolean isBare = isTimed || (place == Place.LINE && (words == 0 || isCounted));
      if (isBare && behindTime <= 2 && isSentence(line, at)) {
        return new Read(bare(time, host, line.substring(at)), isZoned);
      }
      Optional<Tag> tag = tag(word, isTimed);
      if (tag.isPresent()) {
        int text = afterProcess(line, end, tag.get());
        Tag whole = text > end + 1 ? processed(tag.get(), line, end) : tag.get();
        boolean isAlone = !isTimed && whole.instance().equals(SMTPD) && isSentence(line, text);
        whole = isAlone ? new Tag("", SMTPD, whole.pid()) : whole;
        SyslogMessage message =
            SyslogParser.message(
                time, host, whole, text < line.length() ? line.substring(text) : "");
        return unwrapped(new Read(message, isZoned), reference, wraps);
      }
      if (isTimed) {
        behindTime++;
        boolean isHost = !SyslogParser.isSeverity(word) && !isBracketed(word);
        host = isHost ? Optional.of(word) : host;
        if (behindTime > MOST_BEHIND_TIME) {
          break;
        }
      } else if (place == Place.WRAPPED) {
        if (words > 0 || isEnd(word)) {
          break;
        }
        host = Optional.of(word);
      } else {
        int inside = insideOf(line, at, end, reference);
        if (inside > at) {
          at = inside;
          continue;
        }
        if (isEnd(word) && !isSaid(line, start, end, reference)) {
          break;
        }
        isCounted = words == 0 && isCount(word);
        host = words == 0 && !isCounted ? Optional.of(word) : Optional.empty();
      }
      at = word.startsWith("[") && !isTimed ? afterBracket(line, at, end) : end;
    }
    return new Read(untagged(time, Optional.empty(), line.substring(textStart)), isZoned);
  }

  /** What another program wrote in front of a time makes it text. */
  private Optional<Stamp> stamp(
      String line, int at, Instant reference, Place place, boolean isTimed, Optional<String> host) {
    if (place == Place.LINE) {
      return times.find(line, at, reference);
    }
    return isTimed || host.isEmpty() ? times.direct(line, at, reference) : Optional.empty();
  }

  /** A word that ends what may stand before a header: somebody's tag, or a sentence's beginning. */
  private static boolean isEnd(String word) {
    return word.endsWith(":") && !isProcess(word.substring(0, word.length() - 1));
  }

  /** A line's number or a clock, which no two lines share as they share a host. */
  private static boolean isCount(String word) {
    return word.chars().allMatch(here -> (here >= '0' && here <= '9') || ":,".indexOf(here) >= 0);
  }

  /** {@code [10:15] Kim: } in front of what somebody said in a chat: a header at once. */
  private boolean isSaid(String line, int start, int end, Instant reference) {
    int at = afterBlanks(line, end);
    return line.startsWith("[", start)
        && at < line.length()
        && times.direct(line, at, reference).isPresent();
  }

  private static Optional<Tag> tag(String word, boolean isTimed) {
    Optional<Tag> tag =
        Tag.find(word).filter(it -> (isTimed && !SyslogParser.isSeverity(word)) || it.isCertain());
    return tag.isPresent() ? tag : postfix(word).filter(it -> !word.endsWith(":"));
  }

  private static SyslogMessage untagged(
      Optional<Instant> time, Optional<String> host, String text) {
    return new SyslogMessage(time, host, "", "", Optional.empty(), text);
  }

  /**
   * A sentence of smtpd(8) without its tag. Which process wrote it is lost, so that all of them are
   * one process's, whose order joins them.
   */
  static SyslogMessage bare(Optional<Instant> time, Optional<String> host, String text) {
    return new SyslogMessage(time, host, "", "smtpd", Optional.empty(), single(text));
  }

  /** Where a header begins within a word, behind a file's name and a line's number; or -1. */
  private int insideOf(String line, int at, int end, Instant reference) {
    int places = 0;
    int most = Math.min(end, at + LONGEST_MARK);
    for (int i = at; i + 1 < most && places < MOST_PLACES; i++) {
      char here = line.charAt(i);
      if (here == ':' || here == '-') {
        places++;
        char next = line.charAt(i + 1);
        boolean mayBegin = Character.isLetterOrDigit(next) || "[<@{".indexOf(next) >= 0;
        if (mayBegin && begins(line, i + 1, end, reference)) {
          return i + 1;
        }
      } else if (here == '[' || here == '"') {
        return -1;
      }
    }
    return -1;
  }

  private boolean begins(String line, int at, int end, Instant reference) {
    int behind = SyslogParser.afterPriority(line, at);
    return line.charAt(at) == '{'
        || times.find(line, behind, reference).isPresent()
        || (line.charAt(at - 1) == ':'
            && (postfix(line.substring(behind, end)).isPresent()
                || BEGINNINGS.stream().anyMatch(words -> line.startsWith(words, behind))));
  }

  /** The process id may stand in a column of its own. */
  private static int afterProcess(String line, int end, Tag tag) {
    int at = afterBlanks(line, end);
    if (tag.pid().isEmpty() && tag.isPostfix() && at < line.length()) {
      int close = wordEnd(line, at);
      if (isProcess(plain(line.substring(at, close)))) {
        at = afterBlanks(line, close);
      }
    }
    while (at + 1 < line.length()
        && "|:-,".indexOf(line.charAt(at)) >= 0
        && line.charAt(at + 1) == ' ') {
      at = afterBlanks(line, at + 1);
    }
    return at;
  }

  private static Tag processed(Tag tag, String line, int end) {
    int at = afterBlanks(line, end);
    String word = plain(line.substring(at, wordEnd(line, at)));
    return tag.pid().isEmpty() && isProcess(word)
        ? new Tag(tag.instance(), tag.service(), Optional.of(Integer.valueOf(word)))
        : tag;
  }

  /** A number without the brackets and the colon of a process id. */
  private static String plain(String word) {
    String text = word.endsWith(":") ? word.substring(0, word.length() - 1) : word;
    return text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
  }

  /** What another program passed on counts, and what a logger was given with its header. */
  private Read unwrapped(Read outer, Instant reference, int wraps) {
    SyslogMessage message = outer.message();
    boolean mayWrap =
        message.isSmtpServer() ? mayRepeat(message) : !message.isPostfix() && carries(message);
    if (mayWrap && wraps < MOST_WRAPS && !message.text().isBlank()) {
      String text = afterContainer(message.text());
      Read inner =
          json.find(text, 0, reference)
              .orElseGet(
                  () -> scan(text, 0, message.time().orElse(reference), Place.WRAPPED, wraps + 1));
      boolean isSame =
          inner.message().service().equals(message.service())
              && inner.message().pid().equals(message.pid());
      if (inner.isPostfix() && (isSame || !message.isPostfix())) {
        return inner.within(message.time(), outer.isZoned(), message.host());
      }
    }
    String text = single(message.text());
    return text.equals(message.text()) ? outer : new Read(withText(message, text), outer.isZoned());
  }

  /**
   * Whether a line of Postfix's that is this message's text was passed on, and not quoted: by
   * another host's logger, which has no tag of its own, or by what runs containers.
   */
  private static boolean carries(SyslogMessage message) {
    String program = message.instance();
    boolean isCollector = message.text().startsWith("{") && message.pid().isEmpty();
    return program.isEmpty() || isCollector || isId(program) || isCarrier(program);
  }

  private static boolean isId(String program) {
    return program.length() >= LEAST_ID
        && program.chars().allMatch(here -> Character.digit(here, 16) >= 0);
  }

  /** Its words say so; numbers count the containers of a name. */
  private static boolean isCarrier(String program) {
    return Collections.list(new StringTokenizer(program.toLowerCase(Locale.ROOT), BETWEEN)).stream()
        .allMatch(CARRIERS::contains);
  }

  /** {@code mail-1 | } before a line that a container's viewer shows. */
  private static String afterContainer(String text) {
    int bar = text.indexOf("| ");
    boolean isName = bar > 0 && bar <= 64 && text.substring(0, bar).strip().indexOf(' ') < 0;
    return (isName ? text.substring(bar + 2) : text).stripLeading();
  }

  /** A sentence whose words a table has moved apart. */
  private static String single(String text) {
    boolean isProblem = text.contains("TLS library problem: ");
    if (text.indexOf("  ") < 0 || (isKnown(SmtpdRecord.parse(text)) && !isProblem)) {
      return text;
    }
    StringBuilder words = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) != ' ' || i == 0 || text.charAt(i - 1) != ' ') {
        words.append(text.charAt(i));
      }
    }
    String together = words.toString().strip();
    return isKnown(SmtpdRecord.parse(together)) ? together : text;
  }

  private static int afterBlanks(String line, int from) {
    int at = from;
    while (at < line.length() && line.charAt(at) == ' ') {
      at++;
    }
    return at;
  }

  /** Blanks, and what a table or a viewer puts between its columns. */
  private static int afterSeparators(String line, int from, boolean isTimed) {
    int at = afterBlanks(line, from);
    while (at < line.length()
        && ((isTimed && ",;:".indexOf(line.charAt(at)) >= 0)
            || ("|-:=>".indexOf(line.charAt(at)) >= 0 && line.startsWith(" ", at + 1)))) {
      at = afterBlanks(line, at + 1);
    }
    return at;
  }

  private static int wordEnd(String line, int from) {
    int end = line.indexOf(' ', from);
    return end < 0 ? line.length() : end;
  }

  /** {@code [pod/mail-0 postfix] }: words in brackets are one mark. */
  private static int afterBracket(String line, int at, int wordEnd) {
    int close = line.indexOf("] ", at);
    return close >= wordEnd && close - at <= LONGEST_MARK ? close + 1 : wordEnd;
  }

  private static boolean isBracketed(String text) {
    int kind = "[<(".indexOf(text.charAt(0));
    return kind >= 0 && text.charAt(text.length() - 1) == "]>)".charAt(kind);
  }
}
