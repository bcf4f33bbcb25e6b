/**
 * What is granted to whom, on which rung, until when, and how far it has come.
 *
 * <p>{@link dev.tlswaiver.waiver.Waiver} is a value; {@link dev.tlswaiver.waiver.Ledger} owns the
 * present ones; {@link dev.tlswaiver.waiver.Life} moves them on when something is found, proven or
 * due. Nothing here knows how a grant is put into force: {@link dev.tlswaiver.waiver.Grant} is all
 * that the host is asked for.
 */
@NullMarked
package dev.tlswaiver.waiver;

import org.jspecify.annotations.NullMarked;
