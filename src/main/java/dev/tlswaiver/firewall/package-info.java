/**
 * What the packet filter's rules do to a redirected connection: all tables of nftables are read, of
 * iptables too, and nothing is changed. {@link dev.tlswaiver.firewall.Preflight} tells whether they
 * let redirected connections in, {@link dev.tlswaiver.firewall.Bans} who is banned from the public
 * port. Where the outcome depends on what can't be known, both outcomes are followed ({@link
 * dev.tlswaiver.firewall.Worlds}).
 */
@NullMarked
package dev.tlswaiver.firewall;

import org.jspecify.annotations.NullMarked;
