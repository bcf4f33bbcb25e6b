/**
 * What DNS says of the neighbours of an address that failed: which of them bear a name of the same
 * domain.
 *
 * <p>A farm retries from ever new addresses. Those beside one that failed are looked up, address to
 * name and name to address: whoever owns an address may call it as he likes, and whoever owns a
 * domain may point its names anywhere, but only together do they make a host of that domain, as for
 * Postfix. Text from a zone becomes a {@code HostName} or an {@code IpAddress}, or is ignored.
 *
 * <p>One thread asks one question at a time, slowly; nobody waits for it. Where there is no answer
 * the neighbours stay out, and each costs its sender a retry.
 */
@NullMarked
package dev.tlswaiver.dns;

import org.jspecify.annotations.NullMarked;
