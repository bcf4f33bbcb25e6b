package dev.tlswaiver.guard;

import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Grants nothing for a while: after a rollback, or as the operator says. */
public final class Paused implements Guard {
  private Optional<Pause> ours = Optional.empty();
  private Optional<Pause> operators = Optional.empty();

  /** Objects to whatever is proposed before this time, for a reason of our own. */
  public void pauseUntil(Instant end, String reason) {
    ours = Optional.of(new Pause(end, reason));
  }

  /** Objects as long as the operator says. */
  public void pause(Pause wanted) {
    operators = Optional.of(wanted);
  }

  /** Objects no longer, whosever reason it was. */
  public void resume() {
    ours = Optional.empty();
    operators = Optional.empty();
  }

  /** The pause that is not over yet; of two, the one that ends later. */
  public Optional<Pause> pause(Instant now) {
    return Stream.of(ours, operators)
        .flatMap(Optional::stream)
        .filter(pause -> now.isBefore(pause.until()))
        .max(Comparator.comparing(Pause::until));
  }

  @Override
  public GuardName name() {
    return GuardName.PAUSED;
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    return pause(proposal.evidence().last())
        .map(
            known ->
                "no waivers before "
                    + known.until()
                    + ": "
                    + known.why()
                    + "; tlswaiver resume ends that");
  }
}
