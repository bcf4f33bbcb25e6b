package dev.tlswaiver.guard;

import java.time.Instant;

/**
 * A time without new waivers.
 *
 * @param until when it ends by itself
 */
public record Pause(Instant until, String why) {}
