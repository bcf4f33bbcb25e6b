/**
 * Postfix as tlswaiver changes it: one managed block in master.cf and lookup tables of our own
 * beside it, edited without losing a byte; postconf, postmap, smtpd stand-alone and a probe as
 * judges.
 *
 * <p>In the configuration directory, for each rung in use:
 *
 * <pre>
 * tlswaiver-legacy        access(5) table: each waived address or IPv4 network
 * tlswaiver-legacy.db     built from it by postmap(1)
 * tlswaiver-legacy.cidr   networks that an indexed table can't express; only where there are some
 * </pre>
 *
 * <p>The master.cf entry refers to them by {@code $config_directory}, so that a staged copy of the
 * directory is tested with its own tables. Whoever is in them meets the operator's own
 * restrictions, in full ({@link dev.tlswaiver.actuator.postfix.Restrictions}); whoever comes
 * without a waiver, perhaps because it ended a moment ago, is deferred, keeps its mail and tries
 * again on the strict listener. {@code reject} would bounce it.
 *
 * <p>Where postscreen(8) stands before the public service, one of ours stands before each relaxed
 * smtpd(8) ({@link dev.tlswaiver.actuator.postfix.Gate}).
 *
 * <p>The public service is what stands in master.cf, whatever it is called ({@link
 * dev.tlswaiver.actuator.postfix.PublicService}). Where several face the Internet and differ, where
 * peers come through a proxy, or where somebody edited our block, nothing is guessed: the plan is
 * refused with the file's line.
 *
 * <p>Our listeners read their tables and their key before they give up root and enter the chroot
 * that the public service may have; nothing of ours needs to be copied into it.
 *
 * <p>{@link dev.tlswaiver.actuator.postfix.PostfixMail} conducts one trade after the other: {@link
 * dev.tlswaiver.actuator.postfix.ChangeDraft} plans, {@link
 * dev.tlswaiver.actuator.postfix.StagedCopy} and {@link dev.tlswaiver.actuator.postfix.Validation}
 * try it beside the live files, {@link dev.tlswaiver.actuator.postfix.PostfixControl} puts it in
 * force, {@link dev.tlswaiver.actuator.postfix.HealthCheck} looks whether it serves. Each works on
 * one {@link dev.tlswaiver.actuator.postfix.Discovery} of the host, which is as old as the call.
 *
 * <p>What each of these listeners would accept is also calculated here ({@link
 * dev.tlswaiver.actuator.postfix.Offers}), as a value of the room {@code handshake}, which judges a
 * peer's hello by it.
 */
@NullMarked
package dev.tlswaiver.actuator.postfix;

import org.jspecify.annotations.NullMarked;
