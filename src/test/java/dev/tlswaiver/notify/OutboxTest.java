package dev.tlswaiver.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class OutboxTest {
  private final Outbox outbox = new Outbox(Set.of(Topic.ALARM));

  private static Notice notice(String id) {
    return Notice.plain(id, Topic.ALARM, Instant.parse("2026-03-01T12:00:00Z"), "s", "t\n");
  }

  private static List<String> handedOver(Outbox outbox) {
    List<String> ids = new ArrayList<>();
    outbox.handOver(notice -> ids.add(notice.id()));
    return ids;
  }

  @Test
  void aNoticeIsHandedOverOnce() {
    outbox.add(notice("1"));
    assertThat(handedOver(outbox)).containsExactly("1");
    assertThat(handedOver(outbox)).isEmpty();
  }

  @Test
  void whatNobodyTakesIsOfferedAgainInItsOrder() {
    outbox.add(notice("1"));
    outbox.add(notice("2"));
    outbox.handOver(notice -> false);
    assertThat(handedOver(outbox)).containsExactly("1", "2");
  }

  @Test
  void whatWasNotDeliveredIsFoundAfterARestartAndWhatWasIsNot() {
    outbox.add(notice("1"));
    outbox.add(notice("2"));
    Map<String, Optional<String>> written = outbox.notes().drain();
    assertThat(handedOver(outbox)).hasSize(2);
    outbox.delivered("1");
    assertThat(outbox.notes().drain()).isEqualTo(Map.of("1", Optional.empty()));
    Outbox after = new Outbox(Set.of(Topic.ALARM));
    after.restore("2", Objects.requireNonNull(written.get("2")).orElseThrow());
    List<Notice> again = new ArrayList<>();
    after.handOver(again::add);
    assertThat(again).containsExactly(notice("2"));
  }

  @Test
  void whatNobodyWantsIsNotKept() {
    outbox.add(Notice.plain("1", Topic.ACTIVE, Instant.EPOCH, "s", "t"));
    assertThat(outbox.notes().drain()).isEmpty();
    assertThat(handedOver(outbox)).isEmpty();
    outbox.restore("2", Notice.plain("2", Topic.ACTIVE, Instant.EPOCH, "s", "t").json());
    outbox.restore(
        "3", "{\"event\":\"alarm\",\"id\":7,\"at\":\"never\",\"subject\":\"\",\"text\":\"\"}");
    outbox.restore("4", "no json at all {");
    assertThat(handedOver(outbox)).isEmpty();
    assertThat(outbox.notes().drain().keySet()).containsExactlyInAnyOrder("2", "3", "4");
  }

  @Test
  void theOldestMakesRoom() {
    int pushedOut = 0;
    for (int i = 0; i < Outbox.MOST_EACH + 5; i++) {
      pushedOut += outbox.add(notice("n" + i));
    }
    assertThat(pushedOut).isEqualTo(5);
    assertThat(handedOver(outbox))
        .hasSize(Outbox.MOST_EACH)
        .startsWith("n5")
        .endsWith("n" + (Outbox.MOST_EACH + 4));
  }

  @Test
  void longNoticesMakeRoomByTheirLength() {
    String text = "x".repeat(16 * 1024);
    int pushedOut = 0;
    for (int i = 0; i < 40; i++) {
      pushedOut += outbox.add(Notice.plain("n" + i, Topic.ALARM, Instant.EPOCH, "s", text));
    }
    int kept = handedOver(outbox).size();
    assertThat(kept + pushedOut).isEqualTo(40);
    assertThat(kept).isBetween(5, Outbox.MOST_CHARACTERS_EACH / text.length());
  }

  @Test
  void aFloodOfAlarmsPushesOutNothingThatBecameOfWaiversAndWaitsBehindIt() {
    Outbox all = new Outbox(Set.of(Topic.ALARM, Topic.PROPOSED, Topic.ACTIVE, Topic.ROLLED_BACK));
    all.add(Notice.plain("active", Topic.ACTIVE, Instant.EPOCH, "s", "t"));
    all.add(Notice.plain("back", Topic.ROLLED_BACK, Instant.EPOCH, "s", "t"));
    for (int i = 0; i < 1_000; i++) {
      all.add(Notice.plain("alarm" + i, Topic.ALARM, Instant.EPOCH, "s", "t"));
      all.add(Notice.plain("proposed" + i, Topic.PROPOSED, Instant.EPOCH, "s", "t"));
    }
    assertThat(handedOver(all))
        .hasSize(2 + Outbox.MOST_PROPOSALS + Outbox.MOST_EACH)
        .startsWith("back", "active");
  }

  @Test
  void proposalsBeyondTheDaysShareAreToldAsANumber() {
    Instant noon = Instant.parse("2026-03-01T12:00:00Z");
    Map<String, String> noted = new HashMap<>();
    int told = 0;
    for (int run = 0; run < 3; run++) {
      Outbox flooded = new Outbox(Set.of(Topic.values()));
      noted.forEach(flooded::restore);
      for (int i = 0; i < 50; i++) {
        String id = run + "-" + i;
        flooded.add(Notice.plain("p" + id, Topic.PROPOSED, noon.plusSeconds(i), "s", "t\n"));
        flooded.add(Notice.plain("a" + id, Topic.ACTIVE, noon.plusSeconds(i), "s", "t\n"));
      }
      List<String> ids = handedOver(flooded);
      assertThat(ids).filteredOn(id -> id.startsWith("a")).hasSize(50);
      told += (int) ids.stream().filter(id -> id.startsWith("p")).count();
      ids.forEach(flooded::delivered);
      flooded
          .notes()
          .drain()
          .forEach(
              (key, value) ->
                  value.ifPresentOrElse(text -> noted.put(key, text), () -> noted.remove(key)));
    }
    assertThat(told).isEqualTo(20);
    Outbox last = new Outbox(Set.of(Topic.values()));
    noted.forEach(last::restore);
    last.tick(noon.plusSeconds(60));
    assertThat(handedOver(last)).isEmpty();
    last.tick(noon.plusSeconds(7_200));
    List<String> subjects = new ArrayList<>();
    last.handOver(notice -> subjects.add(notice.subject()));
    assertThat(subjects).containsExactly("130 more proposals");
  }
}
