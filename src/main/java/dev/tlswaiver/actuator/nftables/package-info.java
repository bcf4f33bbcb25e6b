/** One nftables table of our own. */
@NullMarked
package dev.tlswaiver.actuator.nftables;

import org.jspecify.annotations.NullMarked;
