package dev.tlswaiver.source;

import java.time.Instant;

/**
 * One whole line of a log.
 *
 * @param text without its line end
 * @param read when it was read, by the host's clock
 * @param cursor where reading goes on after it, opaque outside this room
 */
public record LogLine(String text, Instant read, Cursor cursor) {}
