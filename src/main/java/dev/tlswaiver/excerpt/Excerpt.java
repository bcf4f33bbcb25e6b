package dev.tlswaiver.excerpt;

import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.maillog.SyslogParser;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Puts lines together again that a mail program broke at its margin, documents of JSON that have a
 * line for each field, and lists of messages that are one document; and the lines of a log that was
 * sorted with the newest first in the order in which they were written. Only a sentence of smtpd(8)
 * that is not whole waits for more, and only for lines that have no header of their own, so that
 * nothing is joined in a log as it was written. Used by one thread.
 */
public final class Excerpt {
  /** Lines that one may have been broken into. */
  private static final int MOST_LINES = 5;

  /** Lines and characters of one document. */
  private static final int MOST_DOCUMENT_LINES = 20_000;

  private static final int MOST_DOCUMENT = 1 << 19;

  private static final int MOST_ELEMENT_LINES = 100;

  private static final String ROW = "tr";
  private static final String END_OF_ROW = "</tr>";
  private static final String OPENING = "`\"\u201c\u201e\u00ab";
  private static final String CLOSING = "`\"\u201d\u201c\u00bb";
  private static final char BORDER = '\u2502';

  /** Sentences that end with the client, and are none without it. */
  private static final List<String> ABOUT_CLIENTS =
      List.of("disconnect from ", "lost connection after ", "setting up TLS connection from ");

  private static final String FAILED = "SSL_accept error from ";

  private final ExcerptReader reader;
  private final Instant written;
  private final Consumer<String> lines;
  private final List<String> whole = new ArrayList<>();
  private final List<String> waiting = new ArrayList<>();
  private final List<String> document = new ArrayList<>();
  private Optional<JournalEntry> entry = Optional.empty();
  private Optional<FieldList> list = Optional.empty();

  /** Lines of two windows beside each other, and where the border is. */
  private final List<String> panes = new ArrayList<>();

  private int border = -1;

  /** An element of XML, or a row of a page's table, that has several lines. */
  private final List<String> element = new ArrayList<>();

  private String elementName = "";

  /** Where a viewer cut its lines, once one was seen that is cut within a word. */
  private int width = -1;

  /** How many brackets of the document are open. */
  private int open;

  private int length;

  /**
   * @param lines hears the lines, in their order, once the last was taken in
   */
  public Excerpt(ExcerptReader reader, Instant written, Consumer<String> lines) {
    this.reader = reader;
    this.written = written;
    this.lines = lines;
  }

  /** Takes the next line in. */
  public void accept(String line) {
    PlainText.lines(line).forEach(this::acceptPlain);
  }

  private void acceptPlain(String line) {
    int here = border(line);
    if (!panes.isEmpty() && (here != border || panes.size() == MOST_DOCUMENT_LINES)) {
      endPanes();
    }
    if (here > 0) {
      border = here;
      panes.add(line);
    } else {
      take(line);
    }
  }

  /** Where the one line is that a terminal draws between two windows; -1 where there is none. */
  private static int border(String line) {
    int bar = line.indexOf(BORDER);
    return line.indexOf(BORDER, bar + 1) < 0 ? bar : -1;
  }

  /** What each window shows, one after the other. */
  private void endPanes() {
    List<String> lines = List.copyOf(panes);
    panes.clear();
    if (lines.size() < 2) {
      lines.forEach(this::take);
      return;
    }
    List<String> right = lines.stream().map(line -> line.substring(border + 1)).toList();
    show(lines.stream().map(line -> line.substring(0, border)).toList(), border);
    show(right, right.stream().mapToInt(line -> line.stripTrailing().length()).max().orElse(0));
  }

  private void show(List<String> lines, int broad) {
    width = broad;
    lines.forEach(line -> take(line.length() == broad ? line : line.stripTrailing()));
    mend();
    width = -1;
  }

  private void take(String line) {
    if (!element.isEmpty() || beginsElement(line)) {
      continueElement(line);
      return;
    }
    if (entry.filter(begun -> begun.takes(line)).isPresent()
        || list.filter(begun -> begun.takes(line)).isPresent()) {
      return;
    }
    endEntry();
    endList();
    entry = JournalEntry.begin(line, reader, written);
    list = entry.isPresent() ? Optional.empty() : FieldList.begin(line);
    if (entry.isPresent() || list.isPresent()) {
      return;
    }
    if (open > 0 || beginsDocument(line)) {
      continueDocument(line);
    } else {
      join(line);
    }
  }

  private boolean beginsElement(String line) {
    String text = line.strip();
    Optional<String> name = open > 0 ? Optional.empty() : Xml.begins(text);
    boolean isMarkup = name.filter(known -> !known.equals(ROW)).filter(Markup::isTag).isPresent();
    elementName = isMarkup ? "" : name.orElse("");
    return !elementName.isEmpty();
  }

  private void continueElement(String line) {
    element.add(line);
    boolean isOver = Xml.ends(line.strip(), elementName);
    if (isOver || element.size() == MOST_ELEMENT_LINES) {
      endElement();
    }
  }

  /** An element counts as one line if that is Postfix's; each row of a table is one. */
  private void endElement() {
    List<String> lines = List.copyOf(element);
    element.clear();
    endEntry();
    endList();
    String whole = lines.stream().map(String::strip).collect(Collectors.joining(" "));
    if (elementName.equals(ROW)) {
      mend();
      for (String row : whole.split(END_OF_ROW, -1)) {
        add(row + END_OF_ROW);
      }
    } else if (lines.stream().skip(1).anyMatch(this::isRecord)) {
      lines.forEach(this::join);
    } else if (message(whole).filter(SyslogMessage::isPostfix).isPresent()) {
      mend();
      add(whole);
    } else {
      lines.forEach(this::join);
    }
  }

  /** Whether it is an element that is a line of Postfix's, so that the one around it is a list. */
  private boolean isRecord(String line) {
    return Xml.json(line.strip()).isPresent()
        && message(line).filter(it -> it.isPostfix() && !it.instance().isEmpty()).isPresent();
  }

  private void endList() {
    Optional<FieldList> ended = list;
    list = Optional.empty();
    if (ended
        .map(FieldList::json)
        .flatMap(this::message)
        .filter(SyslogMessage::isPostfix)
        .isPresent()) {
      mend();
      add(ended.get().json());
    } else {
      ended.map(FieldList::lines).orElse(List.of()).forEach(this::join);
    }
  }

  private void endEntry() {
    if (entry.isPresent()) {
      mend();
      whole.add(entry.get().json());
      entry = Optional.empty();
    }
  }

  /** Whether the line opens a bracket that a later line closes. */
  private static boolean beginsDocument(String line) {
    String text = line.strip();
    return (text.startsWith("{") || text.startsWith("[{") || text.equals("[")) && depth(text) > 0;
  }

  /** How many more brackets are opened than closed, not counting those in texts. */
  private static int depth(String line) {
    int depth = 0;
    boolean isQuoted = false;
    for (int i = 0; i < line.length(); i++) {
      char here = line.charAt(i);
      if (isQuoted && here == '\\') {
        i++;
      } else if (here == '"') {
        isQuoted = !isQuoted;
      } else if (!isQuoted && (here == '{' || here == '[')) {
        depth++;
      } else if (!isQuoted && (here == '}' || here == ']')) {
        depth--;
      }
    }
    return depth;
  }

  private void continueDocument(String line) {
    document.add(line);
    length += line.length();
    open += depth(line);
    if (open <= 0 || document.size() > MOST_DOCUMENT_LINES || length > MOST_DOCUMENT) {
      endDocument();
    }
  }

  private void endDocument() {
    StringBuilder text = new StringBuilder();
    document.forEach(line -> text.append(line.strip()).append(' '));
    String json = text.toString().strip();
    List<String> records = CollectedJson.records(json);
    boolean isOne =
        open == 0
            && records.isEmpty()
            && message(json).filter(SyslogMessage::isPostfix).isPresent();
    if (!records.isEmpty()) {
      records.forEach(this::add);
    } else if (isOne) {
      add(json);
    } else {
      document.forEach(this::join);
    }
    document.clear();
    open = 0;
    length = 0;
  }

  private void join(String line) {
    if (waiting.size() == 1 && isHeaderAlone(waiting.get(0)) && isUntimed(line)) {
      add(waiting.remove(0) + " " + line);
      return;
    }
    if (!waiting.isEmpty() && (hasHeader(line) || waiting.size() == MOST_LINES)) {
      mend();
    }
    if (!waiting.isEmpty() || line.length() == width || isBroken(line)) {
      waiting.add(line);
    } else {
      add(line);
    }
  }

  private void add(String line) {
    String text = line.strip();
    boolean isDocument = text.startsWith("{") || text.startsWith("[{") || text.startsWith("[\"");
    List<String> records = isDocument ? CollectedJson.records(text) : List.of();
    if (isDocument || text.startsWith("\"")) {
      records = listing(isDocument ? text : "[" + text + "]").orElse(records);
    } else if (text.startsWith("['") && text.endsWith("']")) {
      records = listed(text);
    }
    if (records.isEmpty()) {
      whole.addAll(RunOn.apart(inQuestion(line).orElse(line), this::message));
    } else {
      whole.addAll(records);
    }
  }

  /** The lines of a list as Python shows it, each with its own header. */
  private List<String> listed(String list) {
    String between = "', '";
    String inner = list.substring(2, Math.max(2, list.length() - 2));
    List<String> lines = new ArrayList<>();
    int from = 0;
    for (int to = inner.indexOf(between); to >= 0; to = inner.indexOf(between, from)) {
      lines.add(inner.substring(from, to));
      from = to + between.length();
    }
    lines.add(inner.substring(from));
    return lines.stream().allMatch(this::hasHeader) ? lines : List.of();
  }

  /**
   * What somebody asks about in the midst of a sentence of his own, between quotes of some kind.
   * Words alone may stand before it: what a client says stands behind a colon or in brackets.
   */
  private Optional<String> inQuestion(String line) {
    int before = 0;
    while (before < line.length()
        && (Character.isLetter(line.charAt(before))
            || " ,.'?!".indexOf(line.charAt(before)) >= 0)) {
      before++;
    }
    int kind = before > 0 && before < line.length() ? OPENING.indexOf(line.charAt(before)) : -1;
    int to = kind < 0 ? -1 : line.indexOf(CLOSING.charAt(kind), before + 1);
    return to < 0
        ? Optional.empty()
        : Optional.of(line.substring(before + 1, to))
            .filter(quoted -> isProblem(quoted) || hasHeader(quoted));
  }

  private static boolean isProblem(String text) {
    return text.startsWith("warning: TLS library problem: ")
        || text.startsWith("TLS library problem: ");
  }

  /** The lines of a text that is a log, each with its own header. */
  private Optional<List<String>> listing(String json) {
    return CollectedJson.listings(json).stream()
        .map(listed -> listed.stream().map(String::stripTrailing).toList())
        .filter(listed -> listed.stream().allMatch(this::hasHeader))
        .findFirst();
  }

  /** Joins what waits, as far as it makes sense. */
  private void mend() {
    int used = 1;
    String mended = waiting.isEmpty() ? "" : waiting.get(0);
    StringBuilder joined = new StringBuilder(mended);
    for (int i = 1; i < waiting.size(); i++) {
      boolean isCut = waiting.get(i - 1).length() == width;
      if (!isCut && isWhole(mended)) {
        break;
      }
      join(joined, waiting.get(i), isCut);
      if (width < 0 && isWithinBrackets(waiting.get(i - 1)) && !isMarked(waiting.get(i - 1))) {
        width = waiting.get(i - 1).length();
      }
      if (isKnown(joined.toString())) {
        mended = joined.toString();
        used = i + 1;
      }
    }
    if (!waiting.isEmpty()) {
      add(mended);
    }
    waiting.subList(Math.min(used, waiting.size()), waiting.size()).forEach(this::add);
    waiting.clear();
  }

  /** A mail program breaks between words, a terminal anywhere, and some mark where they did. */
  private void join(StringBuilder joined, String next, boolean isCut) {
    String before = joined.toString();
    String piece = isCut ? next : withoutMargin(next);
    if (isMarked(before)) {
      joined.setLength(before.length() - 1);
    } else if (!isCut
        && !isWithinBrackets(before)
        && (isKnown(before + " " + piece) || !isKnown(before + piece))) {
      joined.append(' ');
    }
    joined.append(piece);
  }

  /** Whether it ends with what quoted-printable, or a shell, has at the end of a broken line. */
  private static boolean isMarked(String line) {
    return line.endsWith("=") || line.endsWith("\\");
  }

  /** Whether it ends in an address. */
  private static boolean isWithinBrackets(String line) {
    int open = line.lastIndexOf('[');
    return open > 0 && line.indexOf(']', open) < 0 && line.charAt(open - 1) != ' ';
  }

  private static String withoutMargin(String line) {
    String text = Markup.removed(line);
    int at = 0;
    while (at < text.length() && " >|*#;".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return text.substring(at);
  }

  /** No more lines will come. */
  public void finish() {
    endPanes();
    if (!element.isEmpty()) {
      endElement();
    }
    endEntry();
    endList();
    if (!document.isEmpty()) {
      endDocument();
    }
    mend();
    if (isBackwards()) {
      Collections.reverse(whole);
    }
    completeHeaders();
    completeSentences();
    completeClients();
    Repetitions.removed(whole, this::message).forEach(lines);
    whole.clear();
  }

  /**
   * A sentence of which a block of NULs is left instead of its header has that of the next line.
   */
  private void completeHeaders() {
    for (int i = 0; i + 1 < whole.size(); i++) {
      String text = SyslogParser.withoutNuls(whole.get(i));
      String next = whole.get(i + 1);
      Optional<SyslogMessage> known =
          message(next).filter(it -> it.isSmtpServer() && next.endsWith(it.text()));
      if (whole.get(i).startsWith("\0") && known.isPresent() && ExcerptReader.isSentence(text)) {
        whole.set(i, next.substring(0, next.length() - known.get().text().length()) + text);
      }
    }
  }

  /**
   * A sentence alone behind one of smtpd(8)'s, of which somebody left the header out: it has the
   * same header if it names no other client.
   */
  private void completeSentences() {
    String header = "";
    String client = "";
    for (int i = 0; i < whole.size(); i++) {
      String line = whole.get(i);
      String text = line.strip();
      boolean isSame = client(text).isEmpty() || client(text).equals(client);
      if (!header.isEmpty() && isSame && ExcerptReader.isSentence(text)) {
        whole.set(i, header + text);
        continue;
      }
      Optional<String> said =
          message(line)
              .filter(it -> it.isSmtpServer() && it.pid().isPresent())
              .map(SyslogMessage::text)
              .filter(line::endsWith);
      header = said.map(it -> line.substring(0, line.length() - it.length())).orElse("");
      client = said.map(Excerpt::client).filter(it -> !it.isEmpty()).orElse(client);
    }
  }

  /** Whom a sentence is about. */
  private static String client(String text) {
    int from = text.indexOf(" from ");
    int close = from < 0 ? -1 : text.indexOf(']', from);
    return close < 0 ? "" : text.substring(from, close + 1);
  }

  /** A client whose name the excerpt's end cut is the one that the process had before. */
  private void completeClients() {
    Map<String, String> clients = new HashMap<>();
    for (int i = 0; i < whole.size(); i++) {
      Optional<SyslogMessage> message = message(whole.get(i)).filter(SyslogMessage::isSmtpServer);
      String text = message.map(SyslogMessage::text).orElse("");
      int from = text.indexOf(" from ") + 6;
      if (from < 6) {
        continue;
      }
      String process =
          message.get().host()
              + message.get().instance()
              + message.get().service()
              + message.get().pid();
      int close = text.indexOf(']', from);
      String before = clients.getOrDefault(process, "");
      String left = text.substring(from);
      String name = CutSentence.withoutMark(left);
      boolean isFailure = text.startsWith(FAILED);
      boolean isCut =
          close < 0
              && !name.isEmpty()
              && before.startsWith(name)
              && (isFailure || ABOUT_CLIENTS.stream().anyMatch(text::startsWith));
      if (close > 0) {
        clients.put(process, text.substring(from, close + 1));
      } else if (isCut && whole.get(i).endsWith(left)) {
        String line = whole.get(i);
        String end = before + (isFailure ? ": -1" : "");
        whole.set(i, line.substring(0, line.length() - left.length()) + end);
      }
    }
  }

  /**
   * Whether the newest line comes first: times go back and never on. Where all lines have one time
   * or none, it is so if clients go before they come.
   */
  private boolean isBackwards() {
    int on = 0;
    int back = 0;
    int comes = 0;
    int goes = 0;
    Optional<Instant> last = Optional.empty();
    boolean isWithin = false;
    for (String line : whole) {
      Optional<SyslogMessage> message = message(line);
      Optional<Instant> time = message.flatMap(SyslogMessage::time);
      if (time.isPresent() && last.isPresent()) {
        on += time.get().isAfter(last.get()) ? 1 : 0;
        back += time.get().isBefore(last.get()) ? 1 : 0;
      }
      last = time.isPresent() ? time : last;
      String text = message.filter(SyslogMessage::isSmtpServer).map(SyslogMessage::text).orElse("");
      if (text.startsWith("connect from ")) {
        comes += isWithin ? 0 : 1;
        goes += isWithin ? 1 : 0;
        isWithin = false;
      } else if (text.startsWith("disconnect from ")) {
        isWithin = true;
      }
    }
    return on == 0 && (back > 0 || (goes > 0 && comes == 0));
  }

  private Optional<SyslogMessage> message(String line) {
    return reader.parse(line, written);
  }

  private boolean hasHeader(String line) {
    return message(line)
        .filter(
            it ->
                it.time().isPresent()
                    || it.pid().isPresent()
                    || (it.isSmtpServer() && !it.instance().isEmpty()))
        .isPresent();
  }

  private boolean isBroken(String line) {
    Optional<SyslogMessage> message =
        message(isMarked(line) ? line.substring(0, line.length() - 1) : line);
    boolean isBeginning =
        message.filter(SyslogMessage::isSmtpServer).map(SyslogMessage::text).stream()
            .anyMatch(
                text ->
                    ExcerptReader.BEGINNINGS.stream()
                        .anyMatch(
                            words -> (text + " ").startsWith(words) || words.startsWith(text)));
    return (isBeginning && !isWhole(line)) || isHeaderAlone(line);
  }

  private boolean isHeaderAlone(String line) {
    return message(line).filter(it -> it.time().isPresent() && it.service().isEmpty()).isPresent();
  }

  /** Whether it is a line of Postfix's whose time stands elsewhere. */
  private boolean isUntimed(String line) {
    return message(line)
        .filter(it -> it.isSmtpServer() && it.time().isEmpty() && it.pid().isPresent())
        .isPresent();
  }

  /** Whether it is a sentence about TLS, perhaps without its end. */
  private boolean isKnown(String line) {
    return message(line)
        .filter(SyslogMessage::isSmtpServer)
        .map(it -> SmtpdRecord.parse(it.text()))
        .filter(ExcerptReader::isKnown)
        .isPresent();
  }

  private boolean isWhole(String line) {
    boolean isProblem = line.contains("TLS library problem:");
    return isKnown(line) && (!isProblem || hasPlace(line));
  }

  /** Whether behind the code the file and the line stand that end a line of OpenSSL's. */
  private static boolean hasPlace(String line) {
    int error = line.indexOf("error:");
    for (int colon = error < 0 ? -1 : line.indexOf(':', error + 6);
        colon >= 0;
        colon = line.indexOf(':', colon + 1)) {
      int end = colon + 1;
      while (end < line.length() && Character.isDigit(line.charAt(end))) {
        end++;
      }
      if (end > colon + 1 && (end == line.length() || line.charAt(end) == ':')) {
        return true;
      }
    }
    return false;
  }
}
