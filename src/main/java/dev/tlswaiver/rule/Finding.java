package dev.tlswaiver.rule;

import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Pool;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A rule's statement about a pool, with its evidence.
 *
 * @param reason the latest failure's
 * @param openssl the latest failure's OpenSSL code
 * @param addresses those seen failing in the window, in order, each once
 * @param hello what the pool offered last, where the log has a dump of it
 */
public record Finding(
    String rule,
    Pool pool,
    Reason reason,
    Optional<String> openssl,
    int failures,
    Instant first,
    Instant last,
    List<IpAddress> addresses,
    Optional<ClientHello> hello) {
  public Finding {
    addresses = addresses.stream().distinct().sorted().toList();
  }
}
