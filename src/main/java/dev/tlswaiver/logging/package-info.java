/**
 * tlswaiver's own log: sentences on standard error, in the form that systemd's journal understands,
 * and the same sentence only so often.
 */
@NullMarked
package dev.tlswaiver.logging;

import org.jspecify.annotations.NullMarked;
