/**
 * Sliding windows over handshakes. A rule says <em>finding</em>, never <em>do</em>: this room can't
 * reach the actuator, so detection can never act.
 *
 * <p>{@link dev.tlswaiver.rule.Windows} is fed each failed handshake with its pool and answers with
 * the findings that follow. Time is the log's; the same log gives the same findings at any speed.
 */
@NullMarked
package dev.tlswaiver.rule;

import org.jspecify.annotations.NullMarked;
