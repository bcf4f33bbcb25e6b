/** The ledger, the evidence and the cursor on disk. */
@NullMarked
package dev.tlswaiver.store;

import org.jspecify.annotations.NullMarked;
