/**
 * What is wrong on this host, and what mends it. It looks and changes nothing.
 *
 * <p>{@link dev.tlswaiver.doctor.Doctor} takes a {@link dev.tlswaiver.doctor.Patient} through the
 * examinations, one class each, which write what they find into one {@link
 * dev.tlswaiver.doctor.Chart}: findings, each an {@link dev.tlswaiver.doctor.Ailment} with what was
 * seen and the command or line that mends it, and what this user could not see. An examination that
 * can't be done keeps none of the others from being done. {@code docs/doctor.md} has every ailment;
 * a test holds the two together.
 */
@NullMarked
package dev.tlswaiver.doctor;

import org.jspecify.annotations.NullMarked;
