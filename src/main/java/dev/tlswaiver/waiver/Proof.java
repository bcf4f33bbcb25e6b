package dev.tlswaiver.waiver;

import java.time.Instant;
import java.util.Optional;

/**
 * What was seen when a waived peer's mail came through the relaxed listener.
 *
 * @param rung the listener's
 * @param protocol empty on the {@code plaintext} rung
 * @param cipher empty on the {@code plaintext} rung
 */
public record Proof(
    Rung rung, Optional<String> protocol, Optional<String> cipher, String queueId, Instant at) {}
