package dev.tlswaiver.config;

import java.util.List;

/** The configuration file has mistakes: all of them, each with its place. */
public final class ConfigurationException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * One mistake.
   *
   * @param line counted from 1
   * @param column counted from 1
   */
  public record Problem(String file, int line, int column, String message) {
    @Override
    public String toString() {
      return file + ":" + line + ":" + column + ": " + message;
    }
  }

  private final transient List<Problem> problems;

  ConfigurationException(List<Problem> problems) {
    super(String.join("\n", problems.stream().map(Problem::toString).toList()));
    this.problems = List.copyOf(problems);
  }

  /** In the order of their places. */
  public List<Problem> problems() {
    return problems;
  }
}
