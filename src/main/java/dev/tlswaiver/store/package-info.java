/**
 * The ledger, the evidence and the cursor on disk: one SQLite file, {@code ledger.db} in the state
 * directory, which {@code sqlite3} can read.
 *
 * <pre>
 * waiver(id, pool, rung, state, document)   one waiver each, all of it as JSON in document
 * failure(at, document, pool)               failed handshakes within the rules' windows
 * sight(at, document, pool)                 what else was seen, while it may say something of them
 * note(whose, key, value)                   what a guard remembers, and sessions that are open
 * seen(memory, number, at, first, held)     who met the strict terms, who gave mail, when last and
 *                                           first, and whether newcomers never push it out
 * fact(name, value)                         cursor, totals, since, schema, paused_until, paused_why
 * </pre>
 *
 * <p>Numbers are {@link dev.tlswaiver.guard.KeyedHash}es by the key in {@code memory.key} beside
 * it. Where that file is lost, {@code seen} is emptied, and a note says what was lost.
 *
 * <p>The schema is a fact, and rises with a release whose tables the release before can't read.
 * Before it does, the file is copied to {@code ledger.db.schema-N}, N being what it was; without a
 * copy it stays as it is, and the agent does not start.
 *
 * <p>What belongs together is committed together: the cursor moves in the same transaction as the
 * evidence read before it, so that a kill -9 neither loses nor repeats evidence. A file that can't
 * be read is set aside as {@code ledger.damaged-TIME.db} ({@link
 * dev.tlswaiver.store.DamagedLedger}).
 */
@NullMarked
package dev.tlswaiver.store;

import org.jspecify.annotations.NullMarked;
