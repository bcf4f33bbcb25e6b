package dev.tlswaiver.agent;

import dev.tlswaiver.control.ControlSocket;
import dev.tlswaiver.guard.Alarms;
import dev.tlswaiver.guard.IsItUs;
import dev.tlswaiver.guard.LogsIn;
import dev.tlswaiver.guard.Postscreen;
import dev.tlswaiver.handshake.Sessions;
import dev.tlswaiver.judge.Pipeline;
import dev.tlswaiver.logging.Repeats;
import dev.tlswaiver.notify.Courier;
import dev.tlswaiver.notify.Notice;
import dev.tlswaiver.notify.Outbox;
import dev.tlswaiver.status.Trend;
import dev.tlswaiver.waiver.Lookups;
import java.util.Arrays;

/**
 * What each structure may take that input can make grow, and why no more: all of it at once fits
 * the heap that the package starts with, less one of the two spaces between which its collector
 * copies. The structures keep to it by the constants that are named here; what one entry takes was
 * measured or counted, and is rounded up.
 */
enum MemoryBudget {
  /** Classes, metrics, the scheduler, the HTTP server, one request and one page. */
  PROGRAM(9 * Mib.ONE),

  /** A burst while a plan is applied. A full queue makes the log wait. */
  WAITING_LINES(Service.MOST_LINE_BYTES + Service.MOST_TASKS * 300L),

  /** One for each process of the busiest mail hosts; the one that was silent longest is left. */
  SESSIONS(Sessions.MOST_BYTES),

  /**
   * Whoever met the strict terms, and who gave us mail: two tables of 16 bytes a place, one of them
   * beside the half as large one that it grows from; and the newcomers of a day, by network.
   */
  LAST_SEEN(((1L << 19) + (1L << 18) + (1L << 17)) * 16 + 2 * (1L << 15) * 2),

  /** Failures in the rules' windows; those go first whose network takes most. */
  WINDOWS(8 * Mib.ONE),

  /** Pools of which a plaintext message would be news. */
  FAILING_POOLS(Pipeline.MOST_FAILED_POOLS * 250L),

  /** Pools that scan. */
  PROBES(7 * Mib.ONE / 2),

  /** Pools that began to fail, by reason. */
  ONSETS(IsItUs.MOST_POOLS * 380L),

  /** Addresses that postscreen turned away, with its words twice; and pools that log in. */
  TURNED_AWAY(Postscreen.MOST_ADDRESSES * 900L + LogsIn.MOST_POOLS * 1_000L),

  /** Waivers in force, and the latest that have ended or were refused. */
  LEDGER(5 * Mib.ONE),

  /** When the neighbours of whom were looked up; and those that are being looked up. */
  LOOKUPS(Lookups.MOST_BLOCKS * 250L + 256 * 300L),

  /** What is not written down yet, a full disk included; beyond it the agent begins anew. */
  UNWRITTEN(Recorder.MOST_UNWRITTEN * 400L),

  /** Notices that wait: as text, of two bytes a character at worst. */
  NOTICES(7L * 2 * Outbox.MOST_CHARACTERS_EACH),

  /** Those that are being delivered, as text and as a command reads it. */
  DELIVERIES(2L * 2 * Courier.MOST_WAITING * Notice.MOST_IN_JSON),

  /** What the status page tells of two days. */
  TREND((long) Trend.HOURS * Trend.MOST_SUITES * 100),

  /** Warnings that were said already. */
  REPEATS(2L * Repeats.MOST_CHARACTERS + Repeats.MOST * 200L),

  /** One at a time; its reply is what the ledger holds. */
  CONTROL_REQUEST(4L * ControlSocket.MOST_BYTES),

  /** Matters that were told within a day. */
  ALARMS(Alarms.MOST_MATTERS * 600L),

  /** The last lines of each kind that could not be read, and their note. */
  QUARANTINE(4L * Quarantine.MOST_KINDS * Quarantine.MOST_LINES_EACH * Quarantine.MOST_CHARACTERS);

  private static final class Mib {
    static final long ONE = 1L << 20;
  }

  /** {@code -Xmx} of the package. */
  static final long HEAP = 64 * Mib.ONE;

  private final long bytes;

  MemoryBudget(long bytes) {
    this.bytes = bytes;
  }

  long bytes() {
    return bytes;
  }

  /** What all of it may take. */
  static long sum() {
    return Arrays.stream(values()).mapToLong(budget -> budget.bytes).sum();
  }
}
