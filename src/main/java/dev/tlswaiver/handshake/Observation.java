package dev.tlswaiver.handshake;

import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Something that the joined lines of one process tell, or DNS. {@code time} is the log's, and empty
 * where the line carries none.
 */
public sealed interface Observation {
  Optional<Instant> time();

  Service service();

  /**
   * One TLS negotiation.
   *
   * @param hello what the peer offered, where the log has a dump of it
   */
  record Handshake(
      Optional<Instant> time,
      Service service,
      Peer peer,
      Outcome outcome,
      Optional<ClientHello> hello)
      implements Observation {

    /** One of which the log has no dump. */
    public Handshake(Optional<Instant> time, Service service, Peer peer, Outcome outcome) {
      this(time, service, peer, outcome, Optional.empty());
    }
  }

  /**
   * One message accepted from a peer.
   *
   * @param tls what was negotiated in the session before; empty in a plaintext session
   * @param isLoggedIn whether the peer had logged in with AUTH
   */
  record Delivery(
      Optional<Instant> time,
      Service service,
      Peer peer,
      String queueId,
      Optional<Outcome.Completed> tls,
      boolean isLoggedIn)
      implements Observation {

    /** One of a mail system, which does not log in. */
    public Delivery(
        Optional<Instant> time,
        Service service,
        Peer peer,
        String queueId,
        Optional<Outcome.Completed> tls) {
      this(time, service, peer, queueId, tls, false);
    }
  }

  /** Something wrong with our own configuration, which is no sender's fault. */
  record OwnFault(Optional<Instant> time, Service service, String text) implements Observation {}

  /**
   * A session's end as smtpd sums it up.
   *
   * @param commands how many commands the peer gave in all; empty before Postfix 3.0
   * @param plaintextMessages how many messages it gave without any sign of TLS. Before Postfix 3.0,
   *     at a log level of 0, there is never one.
   */
  record Ended(
      Optional<Instant> time,
      Service service,
      Peer peer,
      Optional<Integer> commands,
      int plaintextMessages)
      implements Observation {}

  /**
   * What the neighbours of an address that failed are called. No line of the log tells it, but DNS.
   *
   * @param pool whose address failed
   * @param block those that were asked
   * @param peers those of them whose name is within the pool's domain, in both directions
   * @param isComplete whether there was an answer for each of them
   */
  record Neighbours(
      Optional<Instant> time, Pool pool, IpPrefix block, List<Peer> peers, boolean isComplete)
      implements Observation {
    private static final Service DNS = new Service("tlswaiver", "dns");

    public Neighbours {
      peers = List.copyOf(peers);
    }

    @Override
    public Service service() {
      return DNS;
    }
  }
}
