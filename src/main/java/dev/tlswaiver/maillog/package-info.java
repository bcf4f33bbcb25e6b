/**
 * What one line of the mail log says: first the syslog header ({@link
 * dev.tlswaiver.maillog.SyslogParser}), then Postfix's sentence ({@link
 * dev.tlswaiver.maillog.SmtpdRecord}), including "I do not know this line".
 *
 * <p>Parsing never throws and keeps what it did not understand. Headers are read once, from the
 * left, and only those that a live log has: RFC 3164 with its relatives, RFC 3339, RFC 5424, the
 * journal's JSON, and the files of container engines. Another reader of {@link
 * dev.tlswaiver.maillog.Headers} knows what people paste. A year that is missing is the latest that
 * fits the file's date. The sentences are those of smtpd.c, tls_server.c, tls_misc.c and tlsproxy.c
 * from Postfix 2.3 to 3.12, each known by how it begins and read from the left without patterns, so
 * that what a client says is no sentence. An OpenSSL error is taken apart by {@link
 * dev.tlswaiver.maillog.OpenSslError}, which knows both layouts of its number.
 */
@NullMarked
package dev.tlswaiver.maillog;

import org.jspecify.annotations.NullMarked;
