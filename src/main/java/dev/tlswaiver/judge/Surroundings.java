package dev.tlswaiver.judge;

import dev.tlswaiver.handshake.Offer;
import dev.tlswaiver.waiver.Rung;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;

/**
 * What the rooms know of the host around them.
 *
 * @param impossible the rungs that the host can't serve, each with the reason why
 * @param offers what each rung accepts; empty where the host can't be asked
 * @param canAsk whether peers may be sent to the listener that asks what they offer
 * @param zone the log's, for headers that name none
 */
public record Surroundings(
    Map<Rung, String> impossible, Map<Rung, Offer> offers, boolean canAsk, ZoneId zone) {

  /**
   * A log that is read long after. Where this host is not strict about versions, it is another
   * host's log, or one from stricter times: then the usual terms are assumed.
   */
  public static Surroundings ofPastLogs(Map<Rung, Offer> offers) {
    boolean isOurs =
        Optional.ofNullable(offers.get(Rung.DIAGNOSE))
            .filter(Offer::isStrictAboutVersions)
            .isPresent();
    return new Surroundings(Map.of(), isOurs ? offers : Map.of(), false, ZoneId.systemDefault());
  }
}
