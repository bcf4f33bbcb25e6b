package dev.tlswaiver.notify;

import dev.tlswaiver.handshake.Notes;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Notices from the moment that they are decided until they are delivered. Used by one thread, the
 * one that thinks; its notes go into the ledger with the transitions that they are about.
 */
public final class Outbox {
  /** More than a person reads in a day. The oldest goes first: the ledger still has it all. */
  private static final int MOST = 1_000;

  private final Set<Topic> topics;
  private final Notes notes = new Notes();
  private final Map<String, Notice> waiting = new LinkedHashMap<>();
  private final Set<String> underWay = new HashSet<>();

  /**
   * @param topics what is told; none where there is nobody to tell
   */
  public Outbox(Set<Topic> topics) {
    this.topics = Set.copyOf(topics);
  }

  /** What a restart needs. */
  public Notes notes() {
    return notes;
  }

  /** Takes up what an earlier run did not deliver. */
  public void restore(String id, String noted) {
    notes.restored(id);
    Optional<Notice> notice = Notice.parse(noted).filter(known -> topics.contains(known.topic()));
    if (notice.isPresent()) {
      waiting.put(id, notice.get());
    } else {
      notes.remove(id);
    }
  }

  /**
   * Takes a notice that somebody wants to have.
   *
   * @return how many older ones it pushed out
   */
  public int add(Notice notice) {
    if (!topics.contains(notice.topic())) {
      return 0;
    }
    waiting.put(notice.id(), notice);
    notes.put(notice.id(), notice::json);
    int pushedOut = 0;
    while (waiting.size() > MOST) {
      delivered(waiting.keySet().iterator().next());
      pushedOut++;
    }
    return pushedOut;
  }

  /** Hands over, oldest first, what is not under way yet, until somebody takes no more. */
  public void handOver(Predicate<Notice> taker) {
    for (Notice notice : waiting.values()) {
      if (!underWay.contains(notice.id())) {
        if (!taker.test(notice)) {
          return;
        }
        underWay.add(notice.id());
      }
    }
  }

  /** It need not be told again. */
  public void delivered(String id) {
    waiting.remove(id);
    underWay.remove(id);
    notes.remove(id);
  }
}
