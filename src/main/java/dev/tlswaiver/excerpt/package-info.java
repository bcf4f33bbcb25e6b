/**
 * Log lines as people paste them and collectors wrap them, for {@code report}, {@code replay} and
 * {@code explain}. The process that acts can't reach this room: what it does not read, nobody can
 * talk it into.
 *
 * <p>{@link dev.tlswaiver.excerpt.ExcerptReader} takes away what a forum, a terminal or a margin
 * added (Markup), and then goes word by word to the innermost header: each time that stands at its
 * place counts more than the one before it, and the tag that follows it says whose line it is. In
 * JSON (CollectedJson), in pairs of names and values (Pairs) and in tables (Columns) the field is
 * looked for that reads as a message of Postfix. Times (ShownTime) may have the months of any
 * language (MonthNames). {@link dev.tlswaiver.excerpt.Excerpt} mends what stands on several lines:
 * sentences that were broken, lines that a page ran together (RunOn), JSON over many lines, entries
 * of the journal with a line for each field (JournalEntry), lists of messages, and logs with the
 * newest line first.
 *
 * <p>What stands within a sentence of Postfix is never a header, whatever it looks like: a client
 * may have written it. Nothing here recurses by what a line holds, and no step goes back by its
 * length.
 */
@NullMarked
package dev.tlswaiver.excerpt;

import org.jspecify.annotations.NullMarked;
