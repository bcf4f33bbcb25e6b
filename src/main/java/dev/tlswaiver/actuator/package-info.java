/**
 * Plans, stages, validates, applies and rolls back changes of the host. With its two back ends this
 * is all of tlswaiver that has power.
 *
 * <p>The desired state is a function of the grants, the settings and the host. A {@link
 * dev.tlswaiver.actuator.Plan} is the difference to the actual one, made without touching anything.
 * {@link dev.tlswaiver.actuator.HostActuator} applies it in this order, so that a peer is never
 * sent to a listener that is not there, nor a listener left open that is not guarded:
 *
 * <ol>
 *   <li>nftables: guard the ports, and take out what is no longer granted;
 *   <li>lookup tables, then master.cf, then {@code postfix reload}, each only if it changed;
 *   <li>nftables: put in what is granted.
 * </ol>
 *
 * <p>A peer that goes from one listener to another is redirected to the old one until the kernel
 * sends it to the new one; the old one goes with a plan of its own, which follows at once.
 *
 * <p>Invariants, cited by number in the tests:
 *
 * <ol>
 *   <li>A file that Postfix reads changes only by rename from a synced file in the same directory;
 *       owner, mode, access control list and SELinux label stay.
 *   <li>Before the first change the inverse of the whole plan is in the journal and on disk.
 *   <li>Every expected old value is checked before the first change, under the lock, and once more
 *       by swapping the two files, which tells what was really replaced. What was in the file is
 *       kept until the end, for an editor that still has it open. postconf(1) asks for the same
 *       lock as {@link dev.tlswaiver.actuator.EditLock}.
 *   <li>A plan is applied only after the real tools accepted a staged copy and the ports are free
 *       or ours.
 *   <li>At most one plan is in flight (a lock that dies with its holder).
 *   <li>Whatever took effect before a crash, {@link dev.tlswaiver.actuator.Actuator#recover} brings
 *       the host back to before the plan, or finds it done.
 *   <li>Undoing twice is the same as undoing once.
 *   <li>What tlswaiver did not write, it does not change.
 *   <li>Every redirect ends by itself: elements carry a timeout.
 *   <li>After every apply the host is probed, and rolled back if it does not answer.
 * </ol>
 */
@NullMarked
package dev.tlswaiver.actuator;

import org.jspecify.annotations.NullMarked;
