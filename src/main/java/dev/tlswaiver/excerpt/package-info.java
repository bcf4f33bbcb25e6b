/**
 * Log lines as people paste them and collectors wrap them, for {@code report}, {@code replay} and
 * {@code explain}. The process that acts can't reach this room: what it does not read, nobody can
 * talk it into.
 *
 * <p>{@link dev.tlswaiver.excerpt.ExcerptReader} takes away what a forum, a terminal or a margin
 * added (Markup) or typesetting made of a character (PlainText), and then goes word by word to the
 * innermost header: each time that stands at its place counts more than the one before it, and the
 * tag that follows it says whose line it is. In JSON (CollectedJson), XML (Xml), pairs of names and
 * values (Pairs) and tables (Columns) the field is looked for that reads as a message of Postfix.
 * Times (ShownTime) may have the months of any language (MonthNames). {@link
 * dev.tlswaiver.excerpt.Excerpt} mends what stands on several lines: sentences that were broken,
 * lines that a page ran together (RunOn), JSON and XML over many lines, entries with a line for
 * each field (JournalEntry, FieldList), lists of messages, windows beside each other, and logs with
 * the newest line first; it completes what a window cut off (CutSentence), and leaves out what is
 * shown twice (Repetitions).
 *
 * <p>What stands within a sentence of Postfix is never a header, whatever it looks like: a client
 * may have written it. Nor is what another program's line holds: a line of Postfix's is one by its
 * own tag, and only what runs containers, and another host's logger, passes lines on. Nothing here
 * recurses by what a line holds, and no step goes back by its length.
 */
@NullMarked
package dev.tlswaiver.excerpt;

import org.jspecify.annotations.NullMarked;
