/** Plans, stages, validates, applies and rolls back changes of the host. */
@NullMarked
package dev.tlswaiver.actuator;

import org.jspecify.annotations.NullMarked;
