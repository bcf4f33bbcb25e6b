/**
 * The releases of Debian that tlswaiver is told to run on, each a whole installation with its own
 * Postfix, OpenSSL, nftables and Java: {@code mvn -Preleases verify}.
 */
@NullMarked
package dev.tlswaiver.release;

import org.jspecify.annotations.NullMarked;
