/** What one line of the mail log says. */
@NullMarked
package dev.tlswaiver.maillog;

import org.jspecify.annotations.NullMarked;
