package dev.tlswaiver.report;

import dev.tlswaiver.guard.Pause;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What holds for all waivers at the moment.
 *
 * @param isRunning whether an agent is at work, and not only its ledger there
 * @param mode the mode in force: observe, propose or enforce
 * @param pause the pause that is not over yet
 * @param safe why the agent changes nothing, whatever the configuration says
 */
public record Situation(
    boolean isRunning, String mode, Optional<Pause> pause, Optional<String> safe) {

  /** What a person should know before he reads on, one sentence each. */
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    safe.ifPresent(words -> notes.add("Safe mode: " + words + "."));
    pause.ifPresent(
        known ->
            notes.add(
                "Paused until "
                    + known.until()
                    + ": "
                    + known.why()
                    + ". tlswaiver resume ends that."));
    return notes;
  }

  boolean isObserving() {
    return mode.equals("observe");
  }
}
