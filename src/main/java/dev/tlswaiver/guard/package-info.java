/**
 * Everything that may say no. Each guard is one class with one question; all of them are asked, and
 * all objections are kept and shown.
 *
 * <p>A guard sees every observation ({@link dev.tlswaiver.guard.Guard#observe}) and reviews each
 * proposal ({@link dev.tlswaiver.guard.Guard#review}), as often as anybody likes to ask: only what
 * is seen, and a review that decides ({@link dev.tlswaiver.guard.Guard#judge}), changes it. What it
 * remembers is bounded. Its sentence tells the operator what was seen and what to do about it.
 *
 * <p>What outlives the log lines is in {@link dev.tlswaiver.guard.LastSeen}: who met the strict
 * terms and who gave us mail, by keyed number and to the minute. {@link dev.tlswaiver.guard.Alarms}
 * tells what a person should look at, once a day for each matter.
 */
@NullMarked
package dev.tlswaiver.guard;

import org.jspecify.annotations.NullMarked;
