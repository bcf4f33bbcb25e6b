/**
 * From observations to decisions.
 *
 * <p>{@link dev.tlswaiver.judge.Rooms} furnishes rules, guards and waivers from one {@link
 * dev.tlswaiver.judge.Policy}; {@link dev.tlswaiver.judge.Pipeline} leads a line through them and
 * hands out what follows as {@link dev.tlswaiver.judge.Effect}s. All state that decisions depend on
 * is here or below, time is the log's, and nothing here acts: the same code judges a live log and
 * replays one of last year.
 */
@NullMarked
package dev.tlswaiver.judge;

import org.jspecify.annotations.NullMarked;
