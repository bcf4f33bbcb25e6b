package dev.tlswaiver.waiver;

import dev.tlswaiver.handshake.Reason;
import java.time.Instant;
import java.util.Optional;

/**
 * The latest handshake of a waived peer on a listener of ours.
 *
 * @param rung the listener's
 * @param failed why it failed; empty where it was completed
 * @param protocol what was agreed on
 * @param cipher what was agreed on
 */
public record Attempt(
    Instant at,
    Rung rung,
    Optional<Reason> failed,
    Optional<String> protocol,
    Optional<String> cipher) {}
