package dev.tlswaiver.doctor;

/**
 * Something that is wrong.
 *
 * @param what was seen, in one sentence
 * @param mend the exact command or line that mends it
 */
public record Finding(Ailment ailment, String what, String mend) {}
