/**
 * The wiring: one thinking thread, the clock, Quartz jobs, orderly start and stop.
 *
 * <p>{@link dev.tlswaiver.judge.Pipeline} strings the thinking rooms together, from a log line to
 * the ledger; it is pure, and {@code replay} runs the same one. {@link dev.tlswaiver.agent.Agent}
 * gives it a log that is being followed, a clock, a place on disk and a host. Lines, Quartz's ticks
 * and the operator's requests all become tasks of the one thinking thread, so that nothing below
 * needs a lock.
 */
@NullMarked
package dev.tlswaiver.agent;

import org.jspecify.annotations.NullMarked;
