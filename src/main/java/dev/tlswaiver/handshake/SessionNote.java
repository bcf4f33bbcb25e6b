package dev.tlswaiver.handshake;

import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.maillog.OpenSslError;
import dev.tlswaiver.peer.Peer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * An unfinished session as text, for a restart in the middle of it. Each line is a word and its
 * fields, with tabs between; what is not known has no line:
 *
 * <pre>
 * session  mx  postfix  smtpd  31  2026-03-01T10:00:01Z  the process: host, tag, pid; its last line
 * peer  mail.example[192.0.2.1]
 * tls  TLSv1.2  AES128-SHA  128                          what was agreed on
 * negotiated                                             a handshake was told already
 * messages  2                                            how many were accepted
 * failure  -1                                            a handshake failed; its cause is not told
 * at  2026-03-01T10:00:01Z                               when it was, or what OpenSSL said
 * said  2026-03-01T10:00:01Z                             when OpenSSL said the cause, if not then
 * cause  0A000102  SSL routines  f  unsupported protocol  statem_srvr.c  data
 * named                                                  a line behind the cause named the peer
 * nobodys  0A000102  ...                                 as cause, of a peer that is not known
 * dump  0 11 reading 1603000093010000..                  as HelloDump has it
 * </pre>
 *
 * <p>What older releases noted, the lines of the session themselves, is not of this form: {@link
 * LinesOnceNoted}.
 */
record SessionNote(
    String host,
    Service service,
    int pid,
    Optional<Instant> last,
    Optional<Peer> peer,
    Optional<Completed> tls,
    boolean hasNegotiated,
    int messages,
    Optional<String> failure,
    Optional<Instant> failedAt,
    Optional<Instant> saidAt,
    Optional<OpenSslError> nobodys,
    Optional<OpenSslError> cause,
    boolean isPeersCause,
    String dump) {

  String toText() {
    StringBuilder text = new StringBuilder(200);
    add(
        text,
        "session",
        host,
        service.instance(),
        service.name(),
        Integer.toString(pid),
        time(last));
    peer.ifPresent(known -> add(text, "peer", known.toString()));
    tls.ifPresent(
        terms ->
            add(text, "tls", terms.protocol(), terms.cipher(), Integer.toString(terms.bits())));
    if (hasNegotiated) {
      add(text, "negotiated");
    }
    if (messages > 0) {
      add(text, "messages", Integer.toString(messages));
    }
    failure.ifPresent(detail -> add(text, "failure", detail));
    failedAt.ifPresent(at -> add(text, "at", at.toString()));
    saidAt.ifPresent(at -> add(text, "said", at.toString()));
    cause.ifPresent(error -> add(text, "cause", error));
    if (isPeersCause) {
      add(text, "named");
    }
    nobodys.ifPresent(error -> add(text, "nobodys", error));
    add(text, "dump", dump);
    return text.toString();
  }

  private static String time(Optional<Instant> time) {
    return time.map(Instant::toString).orElse("");
  }

  private static void add(StringBuilder text, String word, OpenSslError error) {
    add(
        text,
        word,
        error.code(),
        error.library(),
        error.function(),
        error.reason(),
        error.file(),
        error.data());
  }

  private static void add(StringBuilder text, String word, String... fields) {
    text.append(text.isEmpty() ? "" : "\n").append(word);
    for (String field : fields) {
      // Part of it is a stranger's: it must stay one field of one line.
      text.append('\t').append(field.replace('\t', ' ').replace('\n', ' '));
    }
  }

  /** The session that the text tells; empty for any other text. */
  static Optional<SessionNote> find(String text) {
    Map<String, String[]> lines = new HashMap<>();
    for (String line : text.split("\n", -1)) {
      String[] fields = line.split("\t", -1);
      lines.put(fields[0], fields);
    }
    Optional<String[]> session = line(lines, "session", 6);
    Optional<Integer> pid = session.flatMap(fields -> number(fields[4]));
    if (session.isEmpty() || pid.isEmpty()) {
      return Optional.empty();
    }
    String[] process = session.get();
    return Optional.of(
        new SessionNote(
            process[1],
            new Service(process[2], process[3]),
            pid.get(),
            instant(process[5]),
            line(lines, "peer", 2).flatMap(fields -> Peer.find(fields[1])),
            line(lines, "tls", 4)
                .flatMap(
                    fields ->
                        number(fields[3]).map(bits -> new Completed(fields[1], fields[2], bits))),
            lines.containsKey("negotiated"),
            line(lines, "messages", 2).flatMap(fields -> number(fields[1])).orElse(0),
            line(lines, "failure", 2).map(fields -> fields[1]),
            line(lines, "at", 2).flatMap(fields -> instant(fields[1])),
            line(lines, "said", 2).flatMap(fields -> instant(fields[1])),
            line(lines, "nobodys", 7).map(SessionNote::error),
            line(lines, "cause", 7).map(SessionNote::error),
            lines.containsKey("named"),
            line(lines, "dump", 2).map(fields -> fields[1]).orElse("")));
  }

  private static Optional<String[]> line(Map<String, String[]> lines, String word, int fields) {
    return Optional.ofNullable(lines.get(word)).filter(line -> line.length == fields);
  }

  private static OpenSslError error(String[] fields) {
    return new OpenSslError(fields[1], fields[2], fields[3], fields[4], fields[5], fields[6]);
  }

  private static Optional<Integer> number(String text) {
    try {
      return Optional.of(Integer.parseInt(text));
    } catch (NumberFormatException none) {
      return Optional.empty();
    }
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException none) {
      return Optional.empty();
    }
  }
}
