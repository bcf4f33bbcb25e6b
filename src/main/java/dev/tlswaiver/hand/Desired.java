package dev.tlswaiver.hand;

import dev.tlswaiver.waiver.Grant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the host is to be.
 *
 * @param grants all that is to be in force
 * @param ended the waivers that are known to have ended. What is in force, and in neither, is
 *     unknown to whoever desires this, as after a lost ledger; it is left to run out
 */
public record Desired(List<Grant> grants, Set<Long> ended) {
  public Desired {
    grants = List.copyOf(grants);
    ended = Set.copyOf(ended);
  }

  public static Desired of(Collection<Grant> grants, Collection<Long> ended) {
    return new Desired(List.copyOf(grants), Set.copyOf(ended));
  }

  /** The waivers that whoever desires this knows of. */
  Set<Long> waivers() {
    return Stream.concat(grants.stream().map(Grant::waiver), ended.stream())
        .collect(Collectors.toSet());
  }
}
