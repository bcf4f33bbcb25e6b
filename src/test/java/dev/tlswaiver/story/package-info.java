/** The whole agent on a real Postfix: what an operator would see. */
@NullMarked
package dev.tlswaiver.story;

import org.jspecify.annotations.NullMarked;
