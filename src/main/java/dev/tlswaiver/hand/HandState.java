package dev.tlswaiver.hand;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import dev.tlswaiver.actuator.FileEdit;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Grant;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the hand holds the host to, across its own ends.
 *
 * @param grants what was desired last, within the limits
 * @param permits what root permitted
 */
record HandState(List<Grant> grants, List<Permit> permits) {
  static final HandState EMPTY = new HandState(List.of(), List.of());

  private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();

  HandState {
    grants = List.copyOf(grants);
    permits = List.copyOf(permits);
  }

  /** What root's own agent had put in force: nobody else could have granted it. */
  static HandState adopted(Collection<Grant> grants, Instant now) {
    return new HandState(
        List.copyOf(grants),
        grants.stream()
            .flatMap(
                grant ->
                    grant.networks().stream()
                        .map(network -> new Permit(network, grant.until(), now, true)))
            .toList());
  }

  private record PermitWords(String network, String until, String given, boolean used) {
    Permit permit() {
      return new Permit(IpPrefix.parse(network), Instant.parse(until), Instant.parse(given), used);
    }
  }

  private record Words(
      @Nullable List<HandLines.GrantWords> grants, @Nullable List<PermitWords> permits) {}

  private static Path file(Path directory) {
    return directory.resolve("desired.json");
  }

  /**
   * Reads what was written last.
   *
   * @throws HostException if it is damaged; says what to do
   */
  static HandState read(Path directory) throws HostException {
    Path file = file(directory);
    Optional<String> text = FileEdit.read(file);
    if (text.isEmpty()) {
      return EMPTY;
    }
    try {
      Words words = HandLines.given(GSON.fromJson(text.get(), Words.class), "state");
      return new HandState(
          HandLines.given(words.grants(), "grants").stream()
              .map(HandLines.GrantWords::grant)
              .toList(),
          HandLines.given(words.permits(), "permits").stream().map(PermitWords::permit).toList());
    } catch (JsonParseException
        | NullPointerException
        | IllegalArgumentException
        | DateTimeException damaged) {
      throw new HostException(
          file + " is damaged; remove it: the agent says anew what is in force", damaged);
    }
  }

  void write(Path directory) throws HostException {
    Words words =
        new Words(
            grants.stream().map(HandLines.GrantWords::of).toList(),
            permits.stream()
                .map(
                    permit ->
                        new PermitWords(
                            permit.network().toString(),
                            permit.until().toString(),
                            permit.given().toString(),
                            permit.isUsed()))
                .toList());
    FileEdit.write(file(directory), Optional.of(GSON.toJson(words)));
  }

  /** What of it has not run out. */
  List<Grant> running(Instant now) {
    return grants.stream().filter(grant -> grant.until().isAfter(now)).toList();
  }

  Set<Long> waivers() {
    return grants.stream().map(Grant::waiver).collect(Collectors.toSet());
  }

  /** With another desired state; permits that nothing can come of any more are gone. */
  HandState with(Collection<Grant> desired, Instant now) {
    return new HandState(
        List.copyOf(desired),
        permits.stream()
            .map(permit -> permit.after(desired))
            .filter(permit -> !permit.isOver(desired, now))
            .toList());
  }

  HandState with(Permit permit) {
    return new HandState(
        grants,
        Stream.concat(without(permit.network()).permits.stream(), Stream.of(permit)).toList());
  }

  HandState without(IpPrefix network) {
    return new HandState(
        grants, permits.stream().filter(permit -> !permit.network().equals(network)).toList());
  }
}
