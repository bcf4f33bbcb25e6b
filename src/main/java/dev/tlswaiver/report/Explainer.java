package dev.tlswaiver.report;

import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Observation.OwnFault;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Service;
import dev.tlswaiver.handshake.Sessions;
import dev.tlswaiver.maillog.Headers;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.SmtpdRecord.AcceptError;
import dev.tlswaiver.maillog.SmtpdRecord.AcceptedMail;
import dev.tlswaiver.maillog.SmtpdRecord.Connect;
import dev.tlswaiver.maillog.SmtpdRecord.Disconnect;
import dev.tlswaiver.maillog.SmtpdRecord.Established;
import dev.tlswaiver.maillog.SmtpdRecord.LibraryProblem;
import dev.tlswaiver.maillog.SmtpdRecord.LostConnection;
import dev.tlswaiver.maillog.SmtpdRecord.Reject;
import dev.tlswaiver.maillog.SmtpdRecord.StartTls;
import dev.tlswaiver.maillog.SmtpdRecord.Unrecognized;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.rule.Rule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Says of each line what it is, what it was joined with, and what it would count for. All lines are
 * kept until the end, since what a line means may stand in a later one.
 */
public final class Explainer {
  /** As many as fit a sentence; JSON has them all. */
  private static final int MOST_SUITES = 8;

  /** Of these causes the groups are the subject, and no suite. */
  private static final Set<String> ABOUT_GROUPS =
      Set.of("no suitable key share", "no suitable groups", "bad key share");

  private record ServerProcess(String host, Service service, int pid) {}

  /** A line, and what later lines tell about it. */
  private static final class Draft {
    private final String text;
    private final Optional<SyslogMessage> message;
    private final SmtpdRecord record;
    private Optional<Peer> peer;
    private Optional<Failed> failed = Optional.empty();
    private Optional<ClientHello> hello = Optional.empty();
    private boolean isOwnFault;

    Draft(String text, Optional<SyslogMessage> message, SmtpdRecord record) {
      this.text = text;
      this.message = message;
      this.record = record;
      this.peer = named(record);
    }

    /** Whether its meaning is known only with the lines around it. */
    boolean isPartOfHandshake() {
      return record instanceof AcceptError
          || record instanceof LibraryProblem
          || record instanceof Established
          || record instanceof SmtpdRecord.Dump
          || record instanceof SmtpdRecord.DumpRow;
    }
  }

  private final Headers headers;
  private final List<Rule> rules;
  private final Sessions sessions = new Sessions();
  private long postfixLines;
  private Optional<Instant> lastTime = Optional.empty();
  private final List<Draft> drafts = new ArrayList<>();
  private final Map<ServerProcess, List<Draft>> open = new HashMap<>();

  public Explainer(Headers headers, List<Rule> rules) {
    this.headers = headers;
    this.rules = List.copyOf(rules);
  }

  /** Reads a line that was written not later than that. */
  public void accept(String line, Instant written) {
    Optional<SyslogMessage> message = headers.parse(line, written);
    boolean isServer = message.filter(SyslogMessage::isSmtpServer).isPresent();
    // Words without a tag are read too: people quote single lines.
    boolean isRead = isServer || message.filter(it -> it.service().isEmpty()).isPresent();
    SmtpdRecord record =
        isRead
            ? SmtpdRecord.parse(message.map(SyslogMessage::text).orElse(line))
            : message.isPresent() ? new SmtpdRecord.Other() : new Unrecognized(line);
    postfixLines += message.filter(SyslogMessage::isPostfix).isPresent() ? 1 : 0;
    lastTime = message.flatMap(SyslogMessage::time).or(() -> lastTime);
    Draft draft = new Draft(line, message, record);
    drafts.add(draft);
    if (isServer) {
      message.ifPresent(read -> join(draft, read));
    }
  }

  /** How many lines of Postfix there were so far. */
  public long postfixLines() {
    return postfixLines;
  }

  /** The time of the last line that had one. */
  public Optional<Instant> lastTime() {
    return lastTime;
  }

  private void join(Draft draft, SyslogMessage message) {
    ServerProcess process =
        new ServerProcess(
            message.host().orElse(""),
            new Service(message.instance(), message.service()),
            message.pid().orElse(-1));
    List<Observation> seen = sessions.accept(message, draft.record);
    if (draft.record instanceof Connect || draft.record instanceof Disconnect) {
      settle(process, seen);
      open.remove(process);
    } else if (draft.isPartOfHandshake()) {
      // What becomes known by the library's line, or by a failure of smtpd(8), was before it.
      boolean isBefore =
          draft.record instanceof LibraryProblem
              || (draft.record instanceof AcceptError && !message.process().equals("tlsproxy"));
      if (isBefore) {
        settle(process, seen);
      }
      open.computeIfAbsent(process, unseen -> new ArrayList<>()).add(draft);
      if (!isBefore) {
        settle(process, seen);
      }
    } else {
      settle(process, seen);
    }
  }

  /** Gives the lines of a process that wait what has become certain about them. */
  private void settle(ServerProcess process, List<Observation> seen) {
    List<Draft> waiting = open.getOrDefault(process, List.of());
    for (Observation observation : seen) {
      if (observation instanceof Handshake handshake) {
        tell(waiting, handshake);
        open.remove(process);
      }
      if (observation instanceof OwnFault) {
        waiting.forEach(Explainer::blameUs);
        open.remove(process);
      }
    }
  }

  /**
   * What can't go wrong without a peer is no fault of ours, though the peer's lines are missing.
   */
  private static void blameUs(Draft draft) {
    boolean isAlone = draft.record instanceof LibraryProblem && draft.peer.isEmpty();
    Reason reason = alone(draft.record).map(Failed::reason).orElse(Reason.OTHER);
    draft.isOwnFault |= isAlone && (reason == Reason.OTHER || reason == Reason.OWN_FAULT);
  }

  private static void tell(List<Draft> waiting, Handshake handshake) {
    for (Draft draft : waiting) {
      boolean isKnown =
          handshake.peer().name().isPresent() || handshake.peer().address().isPresent();
      draft.peer = isKnown ? Optional.of(handshake.peer()) : draft.peer;
      draft.hello = handshake.hello();
      if (handshake.outcome() instanceof Failed failed) {
        draft.failed = Optional.of(failed);
      }
    }
  }

  /** No more lines will come. */
  public Explanation finish() {
    for (Observation observation : sessions.finish()) {
      if (observation instanceof OwnFault fault) {
        open.entrySet().stream()
            .filter(entry -> entry.getKey().service().equals(fault.service()))
            .flatMap(entry -> entry.getValue().stream())
            .filter(draft -> isProblem(draft.record, fault.text()))
            .forEach(Explainer::blameUs);
      }
      if (observation instanceof Handshake handshake) {
        open.entrySet().stream()
            .filter(entry -> entry.getKey().service().equals(handshake.service()))
            .map(Map.Entry::getValue)
            .filter(
                waiting ->
                    waiting.stream()
                        .anyMatch(
                            draft ->
                                draft.record instanceof AcceptError error
                                    && error.peer().equals(handshake.peer())))
            .findFirst()
            .ifPresent(waiting -> tell(waiting, handshake));
      }
    }
    return new Explanation(drafts.stream().map(this::line).toList());
  }

  private static boolean isProblem(SmtpdRecord record, String text) {
    return record instanceof LibraryProblem problem && text.endsWith(problem.error().reason());
  }

  private Explanation.Line line(Draft draft) {
    boolean isFailure =
        draft.record instanceof AcceptError || draft.record instanceof LibraryProblem;
    Optional<Failed> failed =
        isFailure ? draft.failed.or(() -> alone(draft.record)) : Optional.empty();
    boolean hasHello = isFailure || draft.record instanceof Established;
    return new Explanation.Line(
        draft.text,
        draft.message,
        draft.record,
        draft.record instanceof SmtpdRecord.DumpRow ? Optional.empty() : draft.peer,
        draft.isOwnFault ? Optional.of(Reason.OWN_FAULT) : failed.map(Failed::reason),
        failed.flatMap(Failed::openssl),
        hasHello ? draft.hello : Optional.empty(),
        sentence(draft, failed));
  }

  /** What a line says of a failure when no other line is known to belong to it. */
  private static Optional<Failed> alone(SmtpdRecord record) {
    if (record instanceof LibraryProblem problem) {
      return Optional.of(Failed.of(problem.error()));
    }
    return record instanceof AcceptError error
        ? Optional.of(Failed.of(error.detail()))
        : Optional.empty();
  }

  private static Optional<Peer> named(SmtpdRecord record) {
    if (record instanceof Connect connect) {
      return Optional.of(connect.peer());
    }
    if (record instanceof StartTls start) {
      return Optional.of(start.peer());
    }
    if (record instanceof Established established) {
      return Optional.of(established.peer());
    }
    if (record instanceof AcceptError error) {
      return Optional.of(error.peer());
    }
    if (record instanceof LostConnection lost) {
      return Optional.of(lost.peer());
    }
    if (record instanceof Disconnect disconnect) {
      return Optional.of(disconnect.peer());
    }
    if (record instanceof AcceptedMail mail) {
      return Optional.of(mail.peer());
    }
    return record instanceof Reject reject ? Optional.of(reject.peer()) : Optional.empty();
  }

  private String sentence(Draft draft, Optional<Failed> failed) {
    String peer = draft.peer.map(Peer::toString).orElse("nobody known");
    SmtpdRecord record = draft.record;
    if (record instanceof AcceptError || record instanceof LibraryProblem) {
      return failure(draft, failed.orElseThrow(), peer);
    }
    if (record instanceof Connect) {
      boolean isShared = draft.message.filter(it -> it.process().equals("tlsproxy")).isPresent();
      return isShared
          ? peer + " connected; this process serves others at the same time."
          : peer + " connected; until it disconnects, the lines of this process are about it.";
    }
    if (record instanceof StartTls) {
      return peer + " asked for TLS, and the handshake begins.";
    }
    if (record instanceof Established established) {
      return "The handshake of "
          + peer
          + " was completed with "
          + established.protocol()
          + " and "
          + established.cipher()
          + draft.hello.map(Explainer::offer).orElse("")
          + ".";
    }
    if (record instanceof LostConnection lost) {
      return peer
          + " was gone after "
          + lost.after()
          + "; by itself that is no failure of a handshake.";
    }
    if (record instanceof Disconnect disconnect) {
      return "The session of "
          + peer
          + " is over"
          + disconnect.commands().map(count -> " after " + count + " commands").orElse("")
          + ".";
    }
    if (record instanceof AcceptedMail mail) {
      return "A message of " + peer + " was accepted as " + mail.queueId() + ".";
    }
    if (record instanceof Reject) {
      return "A command of " + peer + " was refused by policy; that has nothing to do with TLS.";
    }
    if (record instanceof SmtpdRecord.OwnFault) {
      return "Our own configuration is at fault here, and no sender; it counts for nothing.";
    }
    if (record instanceof SmtpdRecord.Dump || record instanceof SmtpdRecord.DumpRow) {
      return "Part of the dump of a handshake that smtpd_tls_loglevel = 3 writes.";
    }
    return elsewhere(draft);
  }

  private static String elsewhere(Draft draft) {
    if (draft.message.isEmpty()) {
      return "An empty line.";
    }
    if (draft.record instanceof Unrecognized) {
      return "Not known: no line of Postfix's smtpd that says anything about TLS looks like this.";
    }
    String process = draft.message.map(SyslogMessage::process).orElse("");
    boolean isClient = process.equals("smtp") || process.equals("lmtp");
    if (isClient) {
      return "Postfix as a client: what it sends elsewhere is never counted.";
    }
    return draft.message.filter(SyslogMessage::isSmtpServer).isPresent()
        ? "Known, and without meaning for TLS handshakes."
        : "Not from Postfix's smtpd or tlsproxy, so it is not read.";
  }

  private String failure(Draft draft, Failed failed, String peer) {
    if (draft.isOwnFault) {
      return "OpenSSL complains while no sender is there, so it is our own configuration: "
          + failed.text()
          + ".";
    }
    String whose =
        draft.record instanceof LibraryProblem
            ? draft.peer.isPresent()
                ? "OpenSSL's cause for the failed handshake of " + peer + ", "
                : "OpenSSL's cause for a handshake of which no other line is here, "
            : "The handshake of " + peer + " failed, ";
    boolean isNumber = isNumber(failed.text());
    return whose
        + (isNumber ? "with nothing but the number " : "")
        + failed.text()
        + " ("
        + failed.reason().label()
        + (failed.late() ? ", after our side was done" : "")
        + "): "
        + ReasonText.of(failed.reason())
        + offer(draft.hello, failed)
        + ". "
        + counts(draft, failed);
  }

  private static boolean isNumber(String text) {
    int start = text.startsWith("-") ? 1 : 0;
    return text.length() > start
        && text.chars().skip(start).allMatch(here -> here >= '0' && here <= '9');
  }

  private static String offer(Optional<ClientHello> hello, Failed failed) {
    boolean isAboutGroups = ABOUT_GROUPS.contains(failed.text());
    return hello.map(it -> isAboutGroups ? offerOfGroups(it) : offer(it)).orElse("");
  }

  private static String offerOfGroups(ClientHello hello) {
    return "; it offered "
        + hello.versionName()
        + (hello.groups().isEmpty()
            ? " and names no groups"
            : " with the groups " + String.join(" ", hello.groupNames()));
  }

  private static String offer(ClientHello hello) {
    if (!hello.hasSuites()) {
      return "; it offered "
          + hello.versionName()
          + " at most, and OpenSSL did not look at its suites";
    }
    List<String> suites = hello.suiteWords();
    int more = suites.size() - MOST_SUITES;
    return "; it offered "
        + hello.versionName()
        + " and "
        + String.join(" ", suites.subList(0, Math.min(MOST_SUITES, suites.size())))
        + (more > 0 ? " and " + more + " more" : "");
  }

  private String counts(Draft draft, Failed failed) {
    Optional<Service> service =
        draft
            .message
            .filter(SyslogMessage::isSmtpServer)
            .map(message -> new Service(message.instance(), message.service()));
    if (service.filter(it -> !it.facesMx()).isPresent()) {
      return "It came to a service for people's mail programs, which is never counted.";
    }
    if (draft.peer.flatMap(Peer::address).isEmpty()) {
      return "No sender is known, so it counts for nothing.";
    }
    List<String> names =
        rules.stream().filter(rule -> rule.counts(failed)).map(Rule::name).toList();
    return names.isEmpty()
        ? "No rule counts it."
        : "It counts for the rule " + String.join(" and ", names) + ".";
  }
}
