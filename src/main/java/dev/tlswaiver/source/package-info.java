/**
 * Where log lines come from: a file that is followed, the journal, or past files.
 *
 * <p>A file is followed with Commons IO's {@link org.apache.commons.io.input.Tailer}. By itself it
 * loses lines around a rotation, can deliver a whole file again, and ends when the file is absent
 * at the wrong moment. So it is given a {@link org.apache.commons.io.input.Tailer.Tailable} of our
 * own ({@link dev.tlswaiver.source.FollowedFile}) that is one endless stream which never shrinks
 * and is never newer, so that none of the Tailer's own guesses can run:
 *
 * <ul>
 *   <li>renamed and created anew: another inode under the path is noticed by number, and the old
 *       file, still open, is read to its end, and for a while longer, before the new one is begun;
 *       files that came and went between two looks are found beside it;
 *   <li>copied and truncated: noticed by a size below our place, or by a changed beginning;
 *   <li>rewritten, in place or under the same name: the last 64 lines read are looked for by their
 *       hashes and order, and reading goes on behind them ({@link
 *       dev.tlswaiver.source.PlaceSearch}). Where the last was edited or deleted, what is no newer
 *       by its time was read. What may still be written is waited for. {@code docs/neighbours.md}
 *       says what remains, {@code RewrittenLogPropertiesTest} rewrites at random;
 *   <li>a block of NULs before a line: left out;
 *   <li>absent at the start or for a while: nothing to read yet, said once;
 *   <li>touched: time stamps play no part;
 *   <li>half a line at the end: kept back until its newline has come;
 *   <li>a line without end: cut at 64 KiB;
 *   <li>a consumer that throws: the thread ends, {@link dev.tlswaiver.source.Source#isFollowing}
 *       says so;
 *   <li>closing: no line is handed out after it returns;
 *   <li>restart: the {@link dev.tlswaiver.source.Cursor} holds inode, place and a fingerprint of
 *       the beginning, by which the file is found again under its rotated name, or packed (gzip,
 *       bzip2, xz, zstd); the places of renamed files that may still be written to are held as
 *       well.
 * </ul>
 *
 * <p>The {@link dev.tlswaiver.source.Journal} is read with journalctl(1), by the users whom the
 * kernel names and not by what a line calls itself. {@code JournalIT} kills journalctl, takes away
 * what it stands at and forges lines.
 *
 * <p>{@code RotationTest} rotates at full speed and kills the follower in between: each line comes
 * once. Where that is impossible, a truncation without a copy, the {@link dev.tlswaiver.source.Gap}
 * is counted and said. Past logs may be packed with gzip, bzip2, xz or zstd, which shows at their
 * first bytes; {@link dev.tlswaiver.source.PastLogs} hands them out by lines, or by blocks that
 * several threads look at.
 */
@NullMarked
package dev.tlswaiver.source;

import org.jspecify.annotations.NullMarked;
