/**
 * What one line of the mail log says: first the syslog header ({@link
 * dev.tlswaiver.maillog.SyslogParser}), then Postfix's sentence ({@link
 * dev.tlswaiver.maillog.SmtpdRecord}), including "I do not know this line".
 *
 * <p>Parsing never throws and keeps what it did not understand. The sentences are those of smtpd.c,
 * tls_server.c, tls_misc.c and tlsproxy.c from Postfix 2.3 to 3.11. An OpenSSL error is taken apart
 * by {@link dev.tlswaiver.maillog.OpenSslError}, which knows both layouts of its number.
 */
@NullMarked
package dev.tlswaiver.maillog;

import org.jspecify.annotations.NullMarked;
