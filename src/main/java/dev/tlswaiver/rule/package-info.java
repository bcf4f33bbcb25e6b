/** Sliding windows over handshakes. A rule says <em>finding</em>, never <em>do</em>. */
@NullMarked
package dev.tlswaiver.rule;

import org.jspecify.annotations.NullMarked;
