package dev.tlswaiver.report;

import com.google.gson.JsonObject;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The ledger at a glance.
 *
 * @param handshakes counted over all runs
 * @param failed of them
 * @param since when counting began
 */
public record Listing(
    long handshakes,
    long failed,
    Optional<Instant> since,
    List<Waiver> waivers,
    Situation situation) {

  public Listing {
    waivers = List.copyOf(waivers);
  }

  /** Of all waivers those to be shown. */
  public static List<Waiver> shown(Collection<Waiver> waivers, boolean all) {
    return waivers.stream().filter(waiver -> all || !waiver.state().isTerminal()).toList();
  }

  /** The whole for a person to read. */
  public String text() {
    StringBuilder text = new StringBuilder(WaiverText.table(waivers));
    situation.notes().forEach(note -> text.append(note).append('\n'));
    return text.toString();
  }

  /** The networks that are not served by the strict listener now, one a line, for other tools. */
  public String networks() {
    return waivers.stream()
        .filter(waiver -> waiver.state().isOnHost())
        .flatMap(waiver -> waiver.networks().stream())
        .distinct()
        .map(network -> network + "\n")
        .collect(Collectors.joining());
  }

  /**
   * The whole, or a part.
   *
   * @param format {@code json} or {@code networks}; all else is for a person
   */
  public String in(String format) {
    return switch (format) {
      case "json" -> WaiverJson.text(json());
      case "networks" -> networks();
      default -> text();
    };
  }

  /** The whole for a program. */
  public JsonObject json() {
    JsonObject counted = new JsonObject();
    counted.addProperty("handshakes", handshakes);
    counted.addProperty("failed", failed);
    counted.add("since", WaiverJson.orNull(since));
    JsonObject json = new JsonObject();
    json.add("totals", counted);
    json.add("waivers", WaiverJson.of(waivers));
    json.add("agent", WaiverJson.of(situation));
    return json;
  }
}
