/** Tests of the house as a whole. */
@NullMarked
package dev.tlswaiver.house;

import org.jspecify.annotations.NullMarked;
