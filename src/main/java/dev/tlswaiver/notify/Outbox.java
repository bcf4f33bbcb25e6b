package dev.tlswaiver.notify;

import dev.tlswaiver.guard.Share;
import dev.tlswaiver.handshake.Notes;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Notices from the moment that they are decided until they are delivered. Used by one thread, the
 * one that thinks; its notes go into the ledger with the transitions that they are about.
 */
public final class Outbox {
  /**
   * Of each topic: more than a person reads in a day. The oldest of the topic goes first: the
   * ledger still has it all. Strangers can bring about alarms and proposals, which so push out none
   * of what became of waivers.
   */
  static final int MOST_EACH = 100;

  /** Of each topic, as JSON. */
  public static final int MOST_CHARACTERS_EACH = 128 * 1024;

  /** In a day: a stranger who fails in many names brings about as many proposals. */
  static final int MOST_PROPOSALS = 20;

  /** The key of the note of their share; no notice has such an id. */
  private static final String PROPOSALS = "share of proposals";

  /** What happened to the host and to waivers in force goes before what may wait. */
  private static final List<Topic> ORDER =
      List.of(
          Topic.ROLLED_BACK,
          Topic.INEFFECTIVE,
          Topic.ACTIVE,
          Topic.SUMMARY,
          Topic.TEST,
          Topic.PROPOSED,
          Topic.ALARM);

  private final Set<Topic> topics;
  private final Notes notes = new Notes();

  /** As JSON, whose size is known, by their ids. */
  private final Map<Topic, Map<String, String>> waiting = new EnumMap<>(Topic.class);

  private final Set<String> underWay = new HashSet<>();
  private final Share proposals = new Share(MOST_PROPOSALS);

  /**
   * @param topics what is told; none where there is nobody to tell
   */
  public Outbox(Set<Topic> topics) {
    this.topics = Set.copyOf(topics);
    ORDER.forEach(topic -> waiting.put(topic, new LinkedHashMap<>()));
  }

  /** What a restart needs. */
  public Notes notes() {
    return notes;
  }

  /** Takes up what an earlier run did not deliver. */
  public void restore(String id, String noted) {
    notes.restored(id);
    if (id.equals(PROPOSALS)) {
      proposals.restore(noted);
      return;
    }
    Optional<Notice> notice = Notice.parse(noted).filter(known -> topics.contains(known.topic()));
    if (notice.isPresent()) {
      of(notice.get().topic()).put(id, noted);
      makeRoom(of(notice.get().topic()));
    } else {
      notes.remove(id);
    }
  }

  /**
   * Takes a notice that somebody wants to have. A proposal beyond the day's share is held back.
   *
   * @return how many older ones it pushed out
   */
  public int add(Notice notice) {
    if (!topics.contains(notice.topic())) {
      return 0;
    }
    if (notice.topic() == Topic.PROPOSED) {
      boolean isTold = proposals.take(notice.at());
      notes.put(PROPOSALS, proposals::text);
      if (!isTold) {
        return 0;
      }
    }
    return keep(notice);
  }

  /** Time has passed: tells how many proposals were held back. */
  public void tick(Instant now) {
    proposals.due(now).ifPresent(held -> summarize(held, now));
  }

  private void summarize(Share.Held held, Instant now) {
    notes.put(PROPOSALS, proposals::text);
    keep(
        Notice.plain(
            "proposals-" + now.toEpochMilli(),
            Topic.PROPOSED,
            now,
            held.count() + " more proposals",
            held.count()
                + " more proposals were held back since "
                + held.since()
                + ": too many at once\n\nAll of them: tlswaiver list\n"));
  }

  private int keep(Notice notice) {
    String json = notice.json();
    of(notice.topic()).put(notice.id(), json);
    notes.put(notice.id(), () -> json);
    return makeRoom(of(notice.topic()));
  }

  private Map<String, String> of(Topic topic) {
    return Objects.requireNonNull(waiting.get(topic));
  }

  private int makeRoom(Map<String, String> queue) {
    int characters = queue.values().stream().mapToInt(String::length).sum();
    int pushedOut = 0;
    while (queue.size() > MOST_EACH || (characters > MOST_CHARACTERS_EACH && queue.size() > 1)) {
      Map.Entry<String, String> eldest = queue.entrySet().iterator().next();
      characters -= eldest.getValue().length();
      delivered(eldest.getKey());
      pushedOut++;
    }
    return pushedOut;
  }

  /**
   * Hands over what is not under way yet, the weightiest topic first, oldest first, until somebody
   * takes no more.
   */
  public void handOver(Predicate<Notice> taker) {
    for (Topic topic : ORDER) {
      for (Map.Entry<String, String> entry : of(topic).entrySet()) {
        if (!underWay.contains(entry.getKey())) {
          if (!Notice.parse(entry.getValue()).map(taker::test).orElse(true)) {
            return;
          }
          underWay.add(entry.getKey());
        }
      }
    }
  }

  /** It need not be told again. */
  public void delivered(String id) {
    waiting.values().forEach(queue -> queue.remove(id));
    underWay.remove(id);
    notes.remove(id);
  }
}
