/** Joins the lines of each smtpd(8) process into one outcome per TLS negotiation. */
@NullMarked
package dev.tlswaiver.handshake;

import org.jspecify.annotations.NullMarked;
