/**
 * How a command speaks to a running agent: one request and one reply, a line of JSON each, over a
 * Unix socket that its owner and group may open.
 */
@NullMarked
package dev.tlswaiver.control;

import org.jspecify.annotations.NullMarked;
