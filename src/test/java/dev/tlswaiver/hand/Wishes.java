package dev.tlswaiver.hand;

import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Rung;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** What an agent may want. */
final class Wishes {
  static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  static final Duration WEEK = Duration.ofDays(7);

  private Wishes() {}

  static Grant grant(long waiver, String... networks) {
    return grant(waiver, Rung.LEGACY, WEEK, networks);
  }

  static Grant grant(long waiver, Rung rung, Duration lasts, String... networks) {
    return new Grant(
        waiver, rung, Arrays.stream(networks).map(IpPrefix::parse).toList(), NOON.plus(lasts));
  }

  static Desired desired(Grant... grants) {
    return Desired.of(List.of(grants), List.of());
  }
}
