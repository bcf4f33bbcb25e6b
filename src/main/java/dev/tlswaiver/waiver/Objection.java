package dev.tlswaiver.waiver;

/**
 * A reason not to act.
 *
 * @param guard who objects
 * @param text one sentence for the operator, with what to do
 */
public record Objection(Objector guard, String text) {}
