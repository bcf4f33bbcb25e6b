/**
 * Lines of text over a Unix socket, each read and written within a size and a time, and the
 * kernel's word for who is on the other end. What the lines mean is for others to say.
 */
@NullMarked
package dev.tlswaiver.socket;

import org.jspecify.annotations.NullMarked;
