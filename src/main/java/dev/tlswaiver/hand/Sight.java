package dev.tlswaiver.hand;

import dev.tlswaiver.actuator.postfix.OwnChanges;
import java.util.List;

/** What is to be seen of a host without changing it. */
public interface Sight {
  /** How the packet filter is now; nothing is known of it where it can't be read. */
  Rules rules();

  /** What was changed lately that senders may begin to fail from. */
  List<OwnChanges.Change> changes();
}
