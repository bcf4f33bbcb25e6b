/**
 * Whoever may change this host, and what is asked of it.
 *
 * <p>The agent speaks to a {@link dev.tlswaiver.hand.Hand}. Where it runs as root that is a {@link
 * dev.tlswaiver.hand.HandHere}, in its own process. Where it has no power it is a {@link
 * dev.tlswaiver.hand.HandBehindSocket}: at the other end of the socket a second process, {@link
 * dev.tlswaiver.hand.HandServer}, is root, and believes the agent nothing but that it wants
 * something. What is wanted is the complete desired state: which networks meet which rung until
 * when. {@link dev.tlswaiver.hand.Limits} holds it against the configuration, which is root's, and
 * what exceeds it is refused by waiver, with the reason. What is left is kept on disk and the host
 * held to it, whether the agent is alive or not, until it has run out.
 *
 * <p>No text of strangers comes here: a request is addresses, rungs and times, each parsed by its
 * own type.
 */
@NullMarked
package dev.tlswaiver.hand;

import org.jspecify.annotations.NullMarked;
