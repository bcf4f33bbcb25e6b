package dev.tlswaiver.waiver;

import dev.tlswaiver.handshake.ClientHello;

/**
 * What a peer offers, and what that means on this host.
 *
 * @param admittedBy the lowest rung that admits it, enabled or not; {@code diagnose}, whose terms
 *     are the strict ones, where nothing needs to be relaxed
 * @param words the same in sentences for a person
 */
public record Diagnosis(ClientHello hello, Rung admittedBy, String words) {}
