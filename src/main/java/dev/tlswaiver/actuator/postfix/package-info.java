/** main.cf, master.cf and lookup tables, edited without losing a byte. */
@NullMarked
package dev.tlswaiver.actuator.postfix;

import org.jspecify.annotations.NullMarked;
