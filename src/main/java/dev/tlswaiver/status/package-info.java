/** Shows, never changes: metrics and health. */
@NullMarked
package dev.tlswaiver.status;

import org.jspecify.annotations.NullMarked;
