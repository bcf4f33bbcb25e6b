package dev.tlswaiver.scan;

import dev.tlswaiver.scan.Findings.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Follows the sessions within one block, and tells of each no more than is needed: nothing of one
 * that says nothing of TLS, a single finding of a handshake that was completed, two of one that
 * failed with a cause. What is not as expected is told line by line, with what came before.
 *
 * <p>What a process did in earlier blocks is not known here. Until it begins a session each of its
 * lines is told; and the lines by which it begins and ends the first one are, since they end what
 * may have been left open.
 */
final class BlockSessions {
  /** More processes than write into one block of a log that is not made up. */
  private static final int MOST = 1 << 13;

  /** How far a process has come. */
  private enum Stage {
    /** It wrote nothing yet. */
    UNSEEN,
    /** Its client has gone. */
    ENDED,
    /** Nothing but a connection. */
    CONNECTED,
    /** Its handshake was completed, and told. */
    ESTABLISHED,
    /** Its handshake failed. */
    FAILED,
    /** And OpenSSL said why. */
    EXPLAINED,
    /** And its connection was lost; the failure was told. */
    LOST,
    /** Something else was said: each line is told. */
    FOLLOWED
  }

  /** One process; its lines as places in the block. Used again in block after block. */
  static final class Slot {
    private long process;
    private int block;
    private Stage stage = Stage.UNSEEN;

    /** Whether a session of an earlier block may still be open. */
    private boolean mayBeOpen;

    /** The number of the client; 0, which is nobody's, where each line is told. */
    private long client;

    private int connect;
    private int handshake;
    private long service;
    private int peer;
    private int problem;
    private long cause;
    private int lost;
    private int mail;
    private int messages;

    void begin(int start, long with) {
      stage = Stage.CONNECTED;
      client = with;
      connect = start;
      messages = 0;
    }

    boolean isUneventful() {
      return stage == Stage.CONNECTED || stage == Stage.ESTABLISHED;
    }

    void leave(Stage next) {
      stage = next;
      client = 0;
      messages = 0;
    }
  }

  private final Findings findings;
  private int block;
  private final @Nullable Slot[] slots = new Slot[2 * MOST];
  private final Slot[] used = new Slot[MOST];
  private int size;

  /** Whether a line was told that may be of any process. */
  private boolean isAnyInDoubt;

  /** Whether since then a process may have come to where its lines are not told. */
  private boolean mayHoldBack;

  /** Stands for all processes beyond the bound. */
  private final Slot crowd = new Slot();

  BlockSessions(Findings findings) {
    this.findings = findings;
  }

  void begin() {
    block++;
    size = 0;
    isAnyInDoubt = false;
    mayHoldBack = false;
  }

  /** What the process with this number is about. */
  Slot process(long process) {
    int mask = slots.length - 1;
    int at = (int) process & mask;
    Slot slot = slots[at];
    // A slot of an earlier block is as good as free.
    while (slot != null && slot.block == block) {
      if (slot.process == process) {
        return slot;
      }
      at = (at + 1) & mask;
      slot = slots[at];
    }
    return claim(at, process);
  }

  private Slot claim(int at, long process) {
    if (size == MOST) {
      findings.add(Kind.LEFT_OPEN, 0, process, 0);
      crowd.process = process;
      crowd.leave(Stage.FOLLOWED);
      return crowd;
    }
    Slot free = slots[at];
    Slot slot = free == null ? new Slot() : free;
    slots[at] = slot;
    used[size++] = slot;
    slot.process = process;
    slot.block = block;
    slot.mayBeOpen = true;
    slot.leave(isAnyInDoubt ? Stage.FOLLOWED : Stage.UNSEEN);
    mayHoldBack |= !isAnyInDoubt;
    return slot;
  }

  /**
   * A line is told next that may be of any process, whatever that has come to: each is followed.
   */
  void followAll() {
    if (!isAnyInDoubt) {
      findings.leaveAnyOpen();
    }
    isAnyInDoubt = true;
    for (int i = 0; mayHoldBack && i < size; i++) {
      follow(used[i]);
    }
    mayHoldBack = false;
  }

  /** A line without an expected meaning. */
  void read(Slot slot, int start) {
    follow(slot);
    findings.read(start);
  }

  /**
   * A line without any meaning but that it is there, where lines that were read may wait for it.
   */
  void pass(Slot slot, int start) {
    if (slot.stage == Stage.UNSEEN || slot.stage == Stage.FOLLOWED) {
      findings.read(start);
    }
  }

  void connect(Slot slot, long client, int start) {
    switch (slot.stage) {
      case UNSEEN -> {
        findings.add(Kind.BEGIN, start, slot.process, 0);
        slot.begin(start, client);
      }
      case ENDED, CONNECTED, ESTABLISHED -> slot.begin(start, client);
      case FAILED, EXPLAINED, LOST, FOLLOWED -> read(slot, start);
    }
  }

  void mention(Slot slot, long client, int start) {
    if (slot.client != client || !slot.isUneventful()) {
      read(slot, start);
    }
  }

  void mail(Slot slot, long client, int start) {
    if (slot.client == client && slot.isUneventful()) {
      slot.mail = start;
      slot.messages++;
    } else {
      read(slot, start);
    }
  }

  void established(Slot slot, long client, int start, long terms, long address) {
    if (slot.client == client && slot.stage == Stage.CONNECTED) {
      slot.stage = Stage.ESTABLISHED;
      slot.handshake = start;
      findings.add(Kind.ESTABLISHED, start, terms, address);
    } else {
      read(slot, start);
    }
  }

  void failed(Slot slot, long client, int start, long service, int peer) {
    // What it delivered before came in plaintext, which is told at the session's end.
    if (slot.client == client && slot.stage == Stage.CONNECTED && slot.messages == 0) {
      slot.stage = Stage.FAILED;
      slot.handshake = start;
      slot.service = service;
      slot.peer = peer;
    } else {
      read(slot, start);
    }
  }

  void problem(Slot slot, int start, long cause) {
    if (slot.stage == Stage.FAILED) {
      slot.stage = Stage.EXPLAINED;
      slot.problem = start;
      slot.cause = cause;
    } else {
      read(slot, start);
    }
  }

  void lost(Slot slot, long client, int start) {
    if (slot.client == client && slot.stage == Stage.EXPLAINED) {
      tellFailure(slot);
      slot.stage = Stage.LOST;
      slot.lost = start;
    } else if (slot.client != client || !slot.isUneventful()) {
      read(slot, start);
    }
  }

  /** The client has gone, which stands at that place in the line. */
  void disconnect(Slot slot, long client, int start, int peer) {
    if (slot.client != client || slot.stage == Stage.FAILED) {
      follow(slot);
      findings.add(Kind.LAST, start, slot.process, 0);
    } else {
      if (slot.stage == Stage.EXPLAINED) {
        tellFailure(slot);
      }
      if (slot.stage == Stage.CONNECTED && slot.messages > 0) {
        findings.add(Kind.PLAINTEXT, start, slot.messages, peer);
      }
      if (slot.mayBeOpen) {
        findings.add(Kind.END, start, slot.process, 0);
      }
    }
    slot.mayBeOpen = false;
    slot.leave(Stage.ENDED);
    mayHoldBack = true;
  }

  /** The block ends: of sessions that do not, what is known is told. */
  void end() {
    for (int i = 0; i < size; i++) {
      Slot slot = used[i];
      if (slot.stage != Stage.ENDED) {
        follow(slot);
        findings.add(Kind.LEFT_OPEN, 0, slot.process, 0);
      }
    }
  }

  private void tellFailure(Slot slot) {
    findings.add(Kind.FAILED, slot.handshake, slot.service, slot.peer);
    findings.add(Kind.CAUSE, slot.problem, slot.cause, 0);
  }

  /** From here on each line is told; so is what came before. */
  private void follow(Slot slot) {
    if (slot.client != 0) {
      findings.read(slot.connect);
      // Of several messages the last is told as often: only how many there were is of interest.
      for (int i = 0; i < slot.messages; i++) {
        findings.add(Kind.READ, slot.mail, 0, 0);
      }
      switch (slot.stage) {
        case ESTABLISHED -> findings.add(Kind.JOIN, slot.handshake, 0, 0);
        case FAILED -> findings.read(slot.handshake);
        case EXPLAINED -> {
          findings.read(slot.handshake);
          findings.read(slot.problem);
        }
        case LOST -> {
          findings.add(Kind.JOIN, slot.handshake, 0, 0);
          findings.add(Kind.JOIN, slot.problem, 0, 0);
          findings.add(Kind.JOIN, slot.lost, 0, 0);
        }
        case UNSEEN, ENDED, CONNECTED, FOLLOWED -> {}
      }
    }
    slot.leave(Stage.FOLLOWED);
  }
}
