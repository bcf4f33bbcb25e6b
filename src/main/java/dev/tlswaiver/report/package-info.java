/** Counts for people. */
@NullMarked
package dev.tlswaiver.report;

import org.jspecify.annotations.NullMarked;
