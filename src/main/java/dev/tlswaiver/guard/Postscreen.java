package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.Notes;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Leaves out whoever postscreen(8) turns away, by its own words. A relaxed listener has one of its
 * own before it, which would turn it away too; a waiver would only be in the way of others.
 *
 * <p>What counts is a reply of 5xx, not one of 4xx, which every newcomer gets. Who passes later is
 * welcome again.
 */
public final class Postscreen implements Guard {
  /** How many addresses are remembered; who was turned away longest ago goes first. */
  public static final int MOST_ADDRESSES = 200;

  /** How long it counts: lists of this kind change within the day. */
  private static final Duration COUNTS = Duration.ofDays(1);

  private static final String REJECT = "NOQUEUE: reject: RCPT from ";

  /** Behind the reply stands what the client said. */
  private static final String SAID_BY_CLIENT = "; from=<";

  private static final String PASS = "PASS ";
  private static final int LEAST_REPLY = 4;
  private static final int MOST_REPLY = 120;

  /** What became of an address. */
  private record Turned(Instant at, String reply) {
    String noted() {
      return at + " " + reply;
    }
  }

  private final Notes notes;
  private final Map<IpAddress, Turned> turnedAway = new LinkedHashMap<>();

  /**
   * @param notes where it is noted who was turned away
   */
  public Postscreen(Notes notes) {
    this.notes = notes;
  }

  /** A line of postscreen(8). */
  public void said(String text, Instant at) {
    if (text.startsWith(REJECT)) {
      turnAway(text, at);
    } else if (text.startsWith(PASS)) {
      // PASS NEW, PASS OLD; what follows is nobody's word but postscreen's.
      address(text, text.indexOf(' ', PASS.length()) + 1).ifPresent(this::welcome);
    }
  }

  private void turnAway(String text, Instant at) {
    int reply = Peer.end(text, REJECT.length()) + ": ".length();
    int end = text.indexOf(SAID_BY_CLIENT, reply);
    if (reply > REJECT.length() && end >= reply + LEAST_REPLY && text.charAt(reply) == '5') {
      String words = text.substring(reply, Math.min(end, reply + MOST_REPLY));
      address(text, REJECT.length()).ifPresent(known -> put(known, new Turned(at, words)));
    }
  }

  private static Optional<IpAddress> address(String text, int at) {
    int end = at > 0 ? Peer.end(text, at) : -1;
    return end < 0 ? Optional.empty() : Peer.announced(text, at, end).address();
  }

  private void put(IpAddress address, Turned turned) {
    turnedAway.remove(address);
    turnedAway.put(address, turned);
    notes.put(address.toString(), turned::noted);
    if (turnedAway.size() > MOST_ADDRESSES) {
      welcome(turnedAway.keySet().iterator().next());
    }
  }

  private void welcome(IpAddress address) {
    if (turnedAway.remove(address) != null) {
      notes.remove(address.toString());
    }
  }

  /** Takes up what an earlier run noted. */
  public void restore(String key, String noted) {
    int blank = noted.indexOf(' ');
    turnedAway.put(
        IpAddress.parse(key),
        new Turned(Instant.parse(noted.substring(0, blank)), noted.substring(blank + 1)));
    notes.restored(key);
  }

  @Override
  public GuardName name() {
    return GuardName.POSTSCREEN;
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    return turnedAway.entrySet().stream()
        .filter(
            entry ->
                proposal.networks().stream().anyMatch(network -> network.contains(entry.getKey())))
        .filter(entry -> proposal.at().isBefore(entry.getValue().at().plus(COUNTS)))
        .findFirst()
        .map(
            entry ->
                "postscreen turned "
                    + entry.getKey()
                    + " away at "
                    + entry.getValue().at()
                    + " (\""
                    + entry.getValue().reply()
                    + "\"), and would do so before the relaxed listener too; allow it in"
                    + " postscreen_access_list if that is a mistake");
  }
}
