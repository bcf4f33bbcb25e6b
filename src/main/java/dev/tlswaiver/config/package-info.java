/**
 * The configuration file as values. {@link dev.tlswaiver.config.ConfigurationReader} takes the file
 * as a whole or not at all, and names each mistake with its line; {@code etc/tlswaiver.yaml}
 * explains the keys.
 */
@NullMarked
package dev.tlswaiver.config;

import org.jspecify.annotations.NullMarked;
