/**
 * One nftables table of our own, {@code inet tlswaiver}, and nothing else in the ruleset.
 *
 * <pre>
 * table inet tlswaiver {
 *   set legacy4 { type ipv4_addr; flags interval,timeout; elements = { 192.0.2.7 timeout 6d } }
 *   set legacy6 { type ipv6_addr; flags interval,timeout; }
 *   chain divert {
 *     type nat hook prerouting priority dstnat; policy accept;
 *     fib daddr type local tcp dport 25 ip saddr @legacy4 redirect to :10127
 *     fib daddr type local tcp dport 25 ip6 saddr @legacy6 redirect to :10127
 *   }
 *   chain guard {
 *     type filter hook input priority filter; policy accept;
 *     tcp dport 10127 iifname != "lo" ct status &amp; dnat == 0 drop
 *   }
 * }
 * </pre>
 *
 * <p>It is always replaced as a whole, in one transaction. Every element carries a timeout: the
 * kernel ends what nobody else does.
 *
 * <p>What other programs put into the ruleset is the room firewall's to read, and nobody's to
 * change.
 */
@NullMarked
package dev.tlswaiver.actuator.nftables;

import org.jspecify.annotations.NullMarked;
