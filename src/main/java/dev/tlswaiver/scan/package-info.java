/**
 * The quick way through a past log: blocks of bytes, of which only what may matter becomes text.
 * {@link dev.tlswaiver.scan.BlockScan} finds the lines, follows short sessions as numbers, and
 * leaves all else to the room maillog. It may never find anything that reading each line in full
 * does not.
 */
@NullMarked
package dev.tlswaiver.scan;

import org.jspecify.annotations.NullMarked;
