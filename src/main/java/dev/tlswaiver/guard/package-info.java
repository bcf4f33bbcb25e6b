/** Everything that may say no. */
@NullMarked
package dev.tlswaiver.guard;

import org.jspecify.annotations.NullMarked;
