/**
 * Who is on the other end: address and verified name as Postfix logged them, and the pool that is
 * counted and acted on.
 *
 * <p>Everything here is a value. Text that a stranger chose (an address, a host name) becomes one
 * of these types or is refused; only their canonical text ever reaches a lookup table or nftables.
 */
@NullMarked
package dev.tlswaiver.peer;

import org.jspecify.annotations.NullMarked;
