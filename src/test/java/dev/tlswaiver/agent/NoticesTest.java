package dev.tlswaiver.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.config.ConfigurationReader;
import dev.tlswaiver.judge.Surroundings;
import dev.tlswaiver.notify.Notice;
import dev.tlswaiver.source.Cursor;
import dev.tlswaiver.source.Gap;
import dev.tlswaiver.source.LogLine;
import dev.tlswaiver.status.Metrics;
import dev.tlswaiver.store.Store;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is told, over kills. */
final class NoticesTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private final List<Notice> told = new ArrayList<>();
  private Store store;

  @BeforeEach
  void open() throws Exception {
    store = Store.inMemory();
  }

  @AfterEach
  void close() throws Exception {
    store.close();
  }

  private Agent start(String notify) throws Exception {
    Agent agent =
        new Agent(
            ConfigurationReader.parse(
                "test",
                "mode: observe\nrules: [{name: old-protocol, reasons: [unsupported-protocol],"
                    + " failures: 3, within: 1h, spread: 0s, rung: legacy}]\n"
                    + notify),
            Mode.PRINT,
            Optional.empty(),
            store,
            new NoHost().hand(),
            new Surroundings(Map.of(), Map.of(), false, ZoneOffset.UTC),
            new Metrics(
                "1",
                List.of("old-protocol"),
                List.of(),
                List.of("observe"),
                Arrays.stream(Gap.values()).map(Gap::label).toList(),
                List.of()),
            () -> NOW,
            Lookout.NONE,
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    agent.tellThrough(told::add);
    agent.begin();
    return agent;
  }

  private static void read(Agent agent) throws IOException {
    int place = 0;
    for (int i = 0; i < 3; i++) {
      for (String line :
          List.of(
              "connect from mta1.oldbank.example[198.51.100.10]",
              "SSL_accept error from mta1.oldbank.example[198.51.100.10]: -1",
              "warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x:1:",
              "lost connection after STARTTLS from mta1.oldbank.example[198.51.100.10]",
              "disconnect from mta1.oldbank.example[198.51.100.10] ehlo=1 starttls=0/1")) {
        String header = "Mar  1 11:" + (30 + i * 10) + ":00 mx postfix/smtpd[31]: ";
        agent.line(new LogLine(header + line, NOW, new Cursor("place " + place++)));
      }
    }
  }

  @Test
  void aProposalIsToldOnceItIsWrittenDownAndNotAgainAfterARestart() throws Exception {
    Agent agent = start("notify: {mail: root}\n");
    read(agent);
    agent.tick();
    assertThat(told)
        .extracting(Notice::subject)
        .containsExactly("waiver 1 PROPOSED: oldbank.example, rung legacy");
    assertThat(store.waivers()).hasSize(1);
    agent.delivered(told.get(0).id());
    agent.tick();
    start("notify: {mail: root}\n").tick();
    assertThat(told).hasSize(1);
  }

  @Test
  void whatAKillKeptFromBeingDeliveredIsToldAfterIt() throws Exception {
    Agent agent = start("notify: {mail: root}\n");
    read(agent);
    agent.tick();
    Notice lost = told.remove(0);
    start("notify: {mail: root}\n").tick();
    assertThat(told).containsExactly(lost);
  }

  @Test
  void nobodyIsToldWhatWasNotChosen() throws Exception {
    Agent agent = start("notify: {mail: root, on: [active]}\n");
    read(agent);
    agent.tick();
    assertThat(store.waivers()).hasSize(1);
    assertThat(told).isEmpty();
  }

  @Test
  void withoutAWayNothingIsKept() throws Exception {
    Agent agent = start("");
    read(agent);
    agent.tick();
    List<String> kept = new ArrayList<>();
    store.eachNote("notify", (key, value) -> kept.add(key));
    assertThat(kept).isEmpty();
    assertThat(told).isEmpty();
  }

  @Test
  void theSummaryTellsWhatTheDayBrought() throws Exception {
    Agent agent = start("notify: {mail: root, daily_summary: \"08:00\", on: []}\n");
    read(agent);
    agent.summarize();
    assertThat(told)
        .extracting(Notice::subject)
        .containsExactly("summary: 1 open waivers, 1 changes in a day");
    assertThat(told.get(0).text()).contains("waiver 1 PROPOSED oldbank.example", "Mode observe");
  }
}
