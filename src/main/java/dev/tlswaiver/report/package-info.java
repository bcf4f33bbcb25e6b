/**
 * Counts for people: failures by sender and reason, protocols and ciphers in use, a replayed
 * timeline, waivers in words, each line of a log explained.
 *
 * <p>A report is counted in bounded memory: rows of failures are put together when there are too
 * many, distinct peers are estimated beyond some ten thousand. {@link dev.tlswaiver.report.Sieve}
 * reads in full only the sessions that need it; of the rest it counts the usual cases, a handshake
 * completed on known terms, a failure with its cause, by their bytes. A property test holds its
 * report against that of every line read in full.
 */
@NullMarked
package dev.tlswaiver.report;

import org.jspecify.annotations.NullMarked;
