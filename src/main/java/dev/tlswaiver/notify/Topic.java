package dev.tlswaiver.notify;

import dev.tlswaiver.waiver.State;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a notice is about. */
public enum Topic {
  PROPOSED("proposed"),
  ACTIVE("active"),
  INEFFECTIVE("ineffective"),
  ALARM("alarm"),
  ROLLED_BACK("rolled-back"),
  /** The day's, if one is asked for. */
  SUMMARY("summary"),
  /** Of {@code tlswaiver notify --test}. */
  TEST("test");

  /** Those among which an operator chooses. */
  public static final List<Topic> CHOICES =
      List.of(PROPOSED, ACTIVE, INEFFECTIVE, ALARM, ROLLED_BACK);

  private final String label;

  Topic(String label) {
    this.label = label;
  }

  /** Its name in configuration and JSON. */
  public String label() {
    return label;
  }

  /** The choice of that name, or empty. */
  public static Optional<Topic> find(String label) {
    return CHOICES.stream().filter(topic -> topic.label.equals(label)).findFirst();
  }

  /** The topic that a waiver in this state is, if it is one. */
  public static Optional<Topic> of(State state) {
    return Arrays.stream(values()).filter(topic -> topic.name().equals(state.name())).findFirst();
  }
}
