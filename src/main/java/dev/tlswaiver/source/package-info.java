/** Where log lines come from. */
@NullMarked
package dev.tlswaiver.source;

import org.jspecify.annotations.NullMarked;
