/**
 * Joins the log lines of each smtpd(8) process into one outcome per TLS negotiation.
 *
 * <p>OpenSSL's diagnostics name no peer. They can be attributed only through the process that
 * logged them: an smtpd process serves one peer at a time, so what it logs between "connect" and
 * "disconnect" belongs to that peer ({@link dev.tlswaiver.handshake.Sessions}). Which {@link
 * dev.tlswaiver.handshake.Reason} a diagnostic stands for depends on the generation of OpenSSL, and
 * is decided in {@link dev.tlswaiver.handshake.Reasons}: by its text, by the function for the one
 * text that means opposite things, and by its number where OpenSSL printed no text. Of several
 * diagnostics of one failure the last that says something counts.
 *
 * <p>What a gap in the log would join wrongly is not joined: a cause counts only when the next line
 * that names a peer names the same one, or, where that line is missing, when it was written at once
 * with the failure; and a failure whose cause is lost is {@code other}. So lost lines may cost a
 * reason, and never blame somebody else.
 *
 * <p>A diagnostic of which no line tells the peer is a failure of somebody all the same, without
 * name and address, unless it can come up without any peer: then it is a fault of our own.
 *
 * <p>A session is a few texts, each with a bound, and not its lines; so is its note for a restart
 * ({@link dev.tlswaiver.handshake.SessionNote}).
 *
 * <p>At smtpd_tls_loglevel 3 the log has a dump of what the peer sent first. {@link
 * dev.tlswaiver.handshake.ClientHello} is what it offered, or the version alone where the server
 * read no more; the bytes are not kept.
 */
@NullMarked
package dev.tlswaiver.handshake;

import org.jspecify.annotations.NullMarked;
