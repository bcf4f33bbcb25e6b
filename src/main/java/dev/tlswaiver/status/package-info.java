/**
 * Shows, never changes: a status page, metrics for Prometheus, health and readiness, on the address
 * that the configuration names.
 *
 * <p>The page is made from a {@link dev.tlswaiver.status.Snapshot}, which the thinking thread
 * leaves on the {@link dev.tlswaiver.status.Board} each second: a plan that takes long delays no
 * answer, and nobody sees half a change.
 *
 * <p>Names follow the Prometheus rules. Labels come from closed sets, never from the log, and every
 * label value exists from the start, so that an alert rule can tell zero from absent.
 */
@NullMarked
package dev.tlswaiver.status;

import org.jspecify.annotations.NullMarked;
