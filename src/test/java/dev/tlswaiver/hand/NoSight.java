package dev.tlswaiver.hand;

import dev.tlswaiver.actuator.postfix.OwnChanges;
import java.util.List;

/** Sees nothing. */
public final class NoSight implements Sight {
  @Override
  public Rules rules() {
    return Rules.NONE;
  }

  @Override
  public List<OwnChanges.Change> changes() {
    return List.of();
  }
}
