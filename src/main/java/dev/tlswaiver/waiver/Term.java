package dev.tlswaiver.waiver;

import java.time.Instant;

/**
 * The time that something stands on the host.
 *
 * @param from when it came into force
 * @param until when it ends, whatever becomes of the agent
 */
public record Term(Instant from, Instant until) {}
