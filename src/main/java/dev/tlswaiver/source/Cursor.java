package dev.tlswaiver.source;

/**
 * The place after the last line that was dealt with, in one line of text that the store keeps.
 *
 * @param text opaque outside this room
 */
public record Cursor(String text) {}
