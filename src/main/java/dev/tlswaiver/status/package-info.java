/**
 * Shows, never changes: metrics for Prometheus, health and readiness, on the address that the
 * configuration names.
 *
 * <p>Names follow the Prometheus rules. Labels come from closed sets, never from the log, and every
 * label value exists from the start, so that an alert rule can tell zero from absent.
 */
@NullMarked
package dev.tlswaiver.status;

import org.jspecify.annotations.NullMarked;
