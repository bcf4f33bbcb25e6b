/**
 * What is granted to whom, on which rung, until when, and how far it has come.
 *
 * <p>{@link dev.tlswaiver.waiver.Waiver} is a value; {@link dev.tlswaiver.waiver.Ledger} owns the
 * present ones; {@link dev.tlswaiver.waiver.Life} moves them on when something is found, answered,
 * proven or due ({@link dev.tlswaiver.waiver.State} has the table). {@link
 * dev.tlswaiver.waiver.Ladder} knows the rungs and what each accepts here: a peer's hello, which
 * the {@code diagnose} listener brings into the log, names the lowest that admits it. Nothing here
 * knows how a grant is put into force: {@link dev.tlswaiver.waiver.Grant} is all that the host is
 * asked for.
 */
@NullMarked
package dev.tlswaiver.waiver;

import org.jspecify.annotations.NullMarked;
