package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.Notes;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Leaves out pools that log in on the public service: a relaxed listener offers no AUTH, so that no
 * password goes over weak TLS, and their mail would be refused there.
 */
public final class LogsIn implements Guard {
  /** How many pools are remembered; who logged in longest ago goes first. */
  public static final int MOST_POOLS = 200;

  private static final Duration COUNTS = Duration.ofDays(30);

  /** So often the time is noted anew. */
  private static final Duration EXACT = Duration.ofHours(6);

  private final Notes notes;
  private final Map<String, Instant> latest = new LinkedHashMap<>();

  /**
   * @param notes where it is noted who logged in
   */
  public LogsIn(Notes notes) {
    this.notes = notes;
  }

  @Override
  public void observe(Observation observation, Pool pool) {
    if (observation instanceof Delivery mail && mail.isLoggedIn() && mail.time().isPresent()) {
      loggedIn(pool.id(), mail.time().get());
    }
  }

  private void loggedIn(String pool, Instant at) {
    Instant known = latest.get(pool);
    if (known != null && at.isBefore(known.plus(EXACT))) {
      return;
    }
    latest.remove(pool);
    latest.put(pool, at);
    notes.put(pool, at::toString);
    if (latest.size() > MOST_POOLS) {
      String eldest = latest.keySet().iterator().next();
      latest.remove(eldest);
      notes.remove(eldest);
    }
  }

  /** Takes up what an earlier run noted. */
  public void restore(String key, String noted) {
    latest.put(key, Instant.parse(noted));
    notes.restored(key);
  }

  @Override
  public GuardName name() {
    return GuardName.LOGS_IN;
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    return Optional.ofNullable(latest.get(proposal.pool().id()))
        .filter(at -> proposal.at().isBefore(at.plus(COUNTS)))
        .map(
            at ->
                proposal.pool()
                    + " logs in with AUTH when it sends by the public service (last at "
                    + at
                    + "), and a relaxed listener offers none, so that no password goes over weak"
                    + " TLS; let it send by a submission service, or without a login");
  }
}
