package dev.tlswaiver.waiver;

/**
 * A reason not to act.
 *
 * @param guard the name of the guard that objects
 * @param text one sentence for the operator, with what to do
 */
public record Objection(String guard, String text) {}
