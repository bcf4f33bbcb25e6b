package dev.tlswaiver.hand;

import dev.tlswaiver.actuator.postfix.Capabilities;
import dev.tlswaiver.actuator.postfix.OwnChanges;
import java.util.List;
import java.util.Map;

/** Sees nothing. */
public final class NoSight implements HandHere.Sight {
  @Override
  public Rules rules() {
    return Rules.NONE;
  }

  @Override
  public List<OwnChanges.Change> changes() {
    return List.of();
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities(Map.of(), Map.of());
  }
}
