/** One class per command. */
@NullMarked
package dev.tlswaiver.cli;

import org.jspecify.annotations.NullMarked;
