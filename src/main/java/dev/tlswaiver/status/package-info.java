/**
 * Shows, never changes: a status page, metrics for Prometheus, health and readiness, on the address
 * that the configuration names.
 *
 * <p>The page is made from a {@link dev.tlswaiver.status.Snapshot}, which the thinking thread
 * leaves on the {@link dev.tlswaiver.status.Board} each second: a plan that takes long delays no
 * answer, and nobody sees half a change.
 *
 * <p>Who is at the other end of a connection can't be known: any user of the host may be. So
 * nothing here can name a sender. A snapshot has numbers, times and words of closed sets, and no
 * sentence that somebody wrote; who it is all about the control socket tells, to those who may open
 * it.
 *
 * <p>Names follow the Prometheus rules. Labels come from closed sets, never from the log, and every
 * label value exists from the start, so that an alert rule can tell zero from absent.
 */
@NullMarked
package dev.tlswaiver.status;

import org.jspecify.annotations.NullMarked;
