/** The packages on a Debian that was booted for them: {@code src/test/booted.sh}. */
@NullMarked
package dev.tlswaiver.booted;

import org.jspecify.annotations.NullMarked;
