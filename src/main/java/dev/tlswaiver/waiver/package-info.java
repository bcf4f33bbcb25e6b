/** What is granted to whom, on which rung, until when, and how far it has come. */
@NullMarked
package dev.tlswaiver.waiver;

import org.jspecify.annotations.NullMarked;
