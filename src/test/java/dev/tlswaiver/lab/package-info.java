/**
 * The laboratory of the host tests: a throwaway Postfix and its senders in network namespaces, made
 * by {@code examples/lab.sh}, which the demo uses too.
 */
@NullMarked
package dev.tlswaiver.lab;

import org.jspecify.annotations.NullMarked;
