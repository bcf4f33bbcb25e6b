/**
 * Tells people and programs what became of waivers: by mail through this host's own sendmail(1),
 * and by a command that gets JSON on its standard input.
 *
 * <p>A {@link dev.tlswaiver.notify.Notice} is put into the {@link dev.tlswaiver.notify.Outbox} by
 * the thread that thinks, and written down with the transition that it is about. Only then the
 * {@link dev.tlswaiver.notify.Courier} gets it, who has a bounded queue and a thread of his own and
 * goes each {@link dev.tlswaiver.notify.Way} once. What has been delivered leaves the outbox; what
 * has not is delivered after a restart. So nothing is lost by a kill; a kill between delivery and
 * the note of it repeats one notice, under the same id.
 */
@NullMarked
package dev.tlswaiver.notify;

import org.jspecify.annotations.NullMarked;
