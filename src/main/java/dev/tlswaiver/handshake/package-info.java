/**
 * Joins the log lines of each smtpd(8) process into one outcome per TLS negotiation.
 *
 * <p>OpenSSL's diagnostics name no peer. They can be attributed only through the process that
 * logged them: an smtpd process serves one peer at a time, so what it logs between "connect" and
 * "disconnect" belongs to that peer ({@link dev.tlswaiver.handshake.Sessions}). Which {@link
 * dev.tlswaiver.handshake.Reason} a diagnostic stands for depends on the generation of OpenSSL, and
 * is decided in {@link dev.tlswaiver.handshake.Reasons}.
 */
@NullMarked
package dev.tlswaiver.handshake;

import org.jspecify.annotations.NullMarked;
