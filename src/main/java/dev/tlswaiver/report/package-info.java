/**
 * Counts for people: failures by sender and reason, protocols and ciphers in use, a replayed
 * timeline, waivers in words.
 */
@NullMarked
package dev.tlswaiver.report;

import org.jspecify.annotations.NullMarked;
