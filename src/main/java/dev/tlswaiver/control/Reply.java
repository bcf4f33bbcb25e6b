package dev.tlswaiver.control;

import java.util.List;

/**
 * What an agent says to a {@link Request}.
 *
 * @param exit the exit code of the command
 * @param warnings what the operator should know besides
 */
public record Reply(int exit, String text, List<String> warnings) {
  /** A line of another release may lack any of them. */
  public Reply {
    text = text == null ? "" : text;
    warnings = warnings == null ? List.of() : List.copyOf(warnings);
  }

  public Reply(int exit, String text) {
    this(exit, text, List.of());
  }
}
