package dev.tlswaiver.report;

import dev.tlswaiver.maillog.BlockScan;
import dev.tlswaiver.maillog.KeptLine;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What each smtpd process of a log is about, found by a number. Slots are used again and again, and
 * none is removed: a host has some thousands of process ids.
 */
final class Slots {
  /** More processes than a host runs; beyond it all are forgotten that are not followed. */
  private static final int MOST = 1 << 16;

  /** How far a session has come that is not followed. */
  enum Stage {
    /** Nothing but a connection. */
    CONNECTED,
    /** Its handshake was completed, and counted. */
    ESTABLISHED,
    /** Its handshake failed. */
    FAILED,
    /** And OpenSSL said why. */
    EXPLAINED,
    /** And its connection was lost; the failure is counted. */
    LOST,
    /** Something else was said: each line is read. */
    FOLLOWED
  }

  /**
   * One process. Its lines stay in their block as long as that is there, and are copied only when
   * it goes, since most sessions are over by then.
   */
  static final class Slot {
    private static final int NONE = -1;

    private static final int MAIL = 4;

    private final int[] places = {NONE, NONE, NONE, NONE, NONE};
    private final @Nullable KeptLine[] kept = new KeptLine[places.length];
    private Stage stage = Stage.CONNECTED;
    private boolean isKept;
    private boolean isTouched;
    private long service;
    private long problem;
    private String peerText = "";
    private int messages;
    private long client;

    Stage stage() {
      return stage;
    }

    String peerText() {
      return peerText;
    }

    /** The number of the service of a failed handshake. */
    long service() {
      return service;
    }

    /** The number of OpenSSL's words about a failed handshake. */
    long problem() {
      return problem;
    }

    private static int place(Stage reached) {
      return switch (reached) {
        case CONNECTED -> 0;
        case ESTABLISHED, FAILED -> 1;
        case EXPLAINED -> 2;
        case LOST, FOLLOWED -> 3;
      };
    }

    /** The line that brought the session to the stage; empty where there is none. */
    String line(Stage reached, BlockScan scan) {
      return text(place(reached), scan);
    }

    private String text(int place, BlockScan scan) {
      KeptLine copy = kept[place];
      if (places[place] != NONE) {
        return scan.line(places[place]);
      }
      return isKept && copy != null ? copy.text() : "";
    }

    /** The session begins. */
    void begin(int index, long with) {
      clear();
      client = with;
      places[0] = index;
    }

    /** Whether a line that names this client belongs to the session; the first one decides. */
    boolean isWith(long named) {
      client = client == 0 ? named : client;
      return client == named;
    }

    /** A line without meaning of its own; it stands for the first one where that is missing. */
    void mention(int index) {
      if (places[0] == NONE && !isKept) {
        places[0] = index;
      }
    }

    /** A message was accepted. */
    void deliver(int index) {
      messages++;
      places[MAIL] = index;
    }

    /** The line of the last message. */
    String mail(BlockScan scan) {
      return text(MAIL, scan);
    }

    int messages() {
      return messages;
    }

    /** The session has come to this stage with a line. */
    void reach(Stage next, BlockScan scan, int index) {
      stage = next;
      places[place(next)] = index;
      if (next == Stage.FAILED) {
        peerText = scan.peerText(index);
        service = scan.terms(index);
      }
      if (next == Stage.EXPLAINED) {
        problem = scan.terms(index);
      }
    }

    /** The block goes: what is still of use is copied. */
    private void keep(BlockScan scan) {
      isTouched = false;
      for (int i = 0; i < places.length; i++) {
        if (places[i] != NONE) {
          KeptLine copy = kept[i];
          if (copy == null) {
            copy = new KeptLine();
            kept[i] = copy;
          }
          copy.keep(scan, places[i]);
          places[i] = NONE;
          isKept = true;
        }
      }
    }

    void follow() {
      clear();
      stage = Stage.FOLLOWED;
    }

    /** The session is over. */
    void clear() {
      places[0] = NONE;
      places[1] = NONE;
      places[2] = NONE;
      places[3] = NONE;
      places[MAIL] = NONE;
      stage = Stage.CONNECTED;
      messages = 0;
      client = 0;
      if (isKept) {
        for (KeptLine line : kept) {
          if (line != null) {
            line.clear();
          }
        }
        isKept = false;
      }
    }
  }

  private long[] keys = new long[1 << 10];
  private @Nullable Slot[] slots = new Slot[1 << 10];
  private int size;
  private final List<Slot> touched = new ArrayList<>();

  /** The slot of the process. */
  Slot get(long process) {
    int at = place(process);
    Slot slot = slots[at];
    if (slot != null) {
      return slot;
    }
    if (size >= MOST) {
      forgetUnfollowed();
    } else if (size > keys.length / 2) {
      resize(keys.length * 2);
    }
    Slot made = new Slot();
    put(process, made);
    return made;
  }

  List<Slot> all() {
    List<Slot> all = new ArrayList<>();
    for (Slot slot : slots) {
      if (slot != null) {
        all.add(slot);
      }
    }
    return all;
  }

  /** A line of the present block belongs to the slot. */
  void touch(Slot slot) {
    if (!slot.isTouched) {
      slot.isTouched = true;
      touched.add(slot);
    }
  }

  /** The block goes: copies what is still of use. */
  void keep(BlockScan scan) {
    touched.forEach(slot -> slot.keep(scan));
    touched.clear();
  }

  /** Where the process is, or would be. */
  private int place(long process) {
    int mask = keys.length - 1;
    int at = (int) (process ^ (process >>> 32)) & mask;
    while (keys[at] != process && slots[at] != null) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private void put(long process, Slot slot) {
    int at = place(process);
    keys[at] = process;
    slots[at] = slot;
    size++;
  }

  private void resize(int length) {
    long[] oldKeys = keys;
    @Nullable Slot[] old = slots;
    keys = new long[length];
    slots = new Slot[length];
    size = 0;
    for (int i = 0; i < old.length; i++) {
      Slot slot = old[i];
      if (slot != null) {
        put(oldKeys[i], slot);
      }
    }
  }

  private void forgetUnfollowed() {
    for (int i = 0; i < slots.length; i++) {
      Slot slot = slots[i];
      if (slot != null && slot.stage() != Stage.FOLLOWED) {
        slots[i] = null;
      }
    }
    resize(keys.length);
    if (size >= MOST) {
      // Nobody serves so many at once: sessions whose ends are missing.
      slots = new Slot[keys.length];
      size = 0;
    }
  }
}
