/**
 * One class per command. Data goes to standard output, messages to standard error.
 *
 * <p>Exit codes: 0 done, 1 failed, 3 differences or findings, 64 usage, 78 configuration.
 */
@NullMarked
package dev.tlswaiver.cli;

import org.jspecify.annotations.NullMarked;
