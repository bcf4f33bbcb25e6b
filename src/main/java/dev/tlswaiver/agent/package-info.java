/** The wiring: one thinking thread, the clock, the configuration, Quartz. */
@NullMarked
package dev.tlswaiver.agent;

import org.jspecify.annotations.NullMarked;
