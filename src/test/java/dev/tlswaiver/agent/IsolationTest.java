package dev.tlswaiver.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.config.ConfigurationReader;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.judge.Pipeline;
import dev.tlswaiver.maillog.UnreadableLineException;
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
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule a: a line costs a line. */
final class IsolationTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final String MARKED = "marked";

  private Store store;
  private final Metrics metrics =
      new Metrics(
          "1",
          List.of("no-shared-cipher", "old-protocol", "tls13-trouble"),
          List.of(),
          List.of("observe"),
          Arrays.stream(Gap.values()).map(Gap::label).toList(),
          List.of());

  @BeforeEach
  void open() throws Exception {
    store = Store.inMemory();
  }

  @AfterEach
  void close() throws Exception {
    store.close();
  }

  private Agent agent(Supplier<? extends Throwable> thrown) throws Exception {
    NoHost host = new NoHost();
    Agent agent =
        new Agent(
            ConfigurationReader.parse("test", "mode: observe\n"),
            Mode.PRINT,
            Optional.empty(),
            store,
            host.hand(),
            host.surroundings(),
            metrics,
            () -> NOW,
            host,
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    agent.begin();
    agent.readThrough(
        real ->
            (line, reference) ->
                UnreadableLineException.reading(
                    () -> {
                      if (line.contains(MARKED)) {
                        IsolationTest.<RuntimeException>fail(thrown.get());
                      }
                      return real.read(line, reference);
                    }));
    return agent;
  }

  /** Throws whatever it is, checked or not. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void fail(Throwable thrown) throws T {
    throw (T) thrown;
  }

  private static LogLine line(int number, String text) {
    return new LogLine(text, NOW, new Cursor("after " + number));
  }

  private static List<String> log() {
    return """
    Mar  1 10:00:00 mx postfix/smtpd[31]: connect from a.example[192.0.2.1]
    Mar  1 10:00:00 mx postfix/smtpd[31]: marked
    Mar  1 10:00:00 mx postfix/smtpd[31]: SSL_accept error from a.example[192.0.2.1]: -1
    Mar  1 10:00:00 mx postfix/smtpd[31]: warning: TLS library problem: \
    error:0A000102:SSL routines::unsupported protocol:../ssl/statem/statem_srvr.c:1657:
    Mar  1 10:00:00 mx postfix/smtpd[31]: lost connection after STARTTLS from a.example[192.0.2.1]
    Mar  1 10:00:00 mx postfix/smtpd[31]: disconnect from a.example[192.0.2.1] ehlo=1 starttls=0/1
    """
        .lines()
        .toList();
  }

  private List<Handshake> failures() throws IOException {
    List<Handshake> failures = new ArrayList<>();
    store.eachFailure(Instant.EPOCH, "", failures::add);
    return failures;
  }

  private Map<String, String> quarantined() throws IOException {
    Map<String, String> notes = new TreeMap<>();
    store.eachNote(Quarantine.NAME, notes::put);
    return notes;
  }

  static List<Supplier<Throwable>> aboutALine() {
    return List.of(
        StackOverflowError::new,
        IllegalStateException::new,
        NullPointerException::new,
        NoSuchElementException::new,
        UnsupportedOperationException::new,
        () -> new AssertionError("no"),
        () -> new Exception("checked"));
  }

  @ParameterizedTest
  @MethodSource("aboutALine")
  void whateverGoesWrongWithALineCostsTheLine(Supplier<Throwable> thrown) throws Exception {
    Agent agent = agent(thrown);
    List<String> lines = log();
    for (int i = 0; i < lines.size(); i++) {
      agent.line(line(i, lines.get(i)));
    }
    agent.tick();
    assertThat(failures()).hasSize(1);
    assertThat(store.cursor()).contains("after " + (lines.size() - 1));
    assertThat(quarantined()).hasSize(1);
    assertThat(quarantined().keySet().iterator().next())
        .startsWith(thrown.get().getClass().getSimpleName() + " in ");
    assertThat(quarantined().values().iterator().next()).contains("\"count\":1", MARKED);
  }

  @ParameterizedTest
  @MethodSource("aboutALine")
  void theFirstOfAKindIsWrittenDownAtOnceWithThePlaceBehindIt(Supplier<Throwable> thrown)
      throws Exception {
    agent(thrown).line(line(7, log().get(1)));
    assertThat(store.cursor()).contains("after 7");
    assertThat(quarantined()).hasSize(1);
  }

  @Test
  void whatIsNotAboutALineEndsTheAgentWithThePlaceBehindIt() throws Exception {
    for (Supplier<Throwable> thrown :
        List.<Supplier<Throwable>>of(
            OutOfMemoryError::new, InternalError::new, NoClassDefFoundError::new)) {
      Agent agent = agent(thrown);
      List<String> lines = log();
      agent.line(line(0, lines.get(0)));
      assertThatThrownBy(() -> agent.line(line(1, lines.get(1))))
          .isInstanceOf(thrown.get().getClass());
      agent.salvage();
      assertThat(store.cursor()).contains("after 1");
    }
  }

  /** Something to judge that fails where it is looked at. */
  private static final class Faulty extends AbstractList<Pipeline.Seen> {
    @Override
    public Pipeline.Seen get(int index) {
      throw new IllegalStateException("a rule fails");
    }

    @Override
    public int size() {
      return 1;
    }
  }

  @Test
  void aFailureOfJudgingEndsTheAgentWithThePlaceBehindTheLine() throws Exception {
    Agent agent = agent(IllegalStateException::new);
    agent.readThrough(
        real ->
            (line, reference) ->
                new Pipeline.Reading(Optional.empty(), Optional.empty(), false, new Faulty()));
    Service service = new Service(agent, notifier());
    service.start();
    service.lines().line(line(3, log().get(0)));
    assertThatThrownBy(() -> service.ended().get(1, TimeUnit.MINUTES))
        .hasRootCauseMessage("a rule fails");
    // Whoever follows the log again begins here.
    assertThat(store.cursor()).contains("after 3");
    assertThat(quarantined()).isEmpty();
  }

  private static SystemdNotifier notifier() {
    return SystemdNotifier.of(Map.of(), 1, message -> {}, () -> 0L);
  }

  @Test
  void linesThatWaitAreBoundedInBytes() throws Exception {
    CountDownLatch thinking = new CountDownLatch(1);
    AtomicInteger handedOver = new AtomicInteger();
    AtomicInteger read = new AtomicInteger();
    Agent agent = agent(IllegalStateException::new);
    agent.readThrough(
        real ->
            (line, reference) -> {
              await(thinking);
              read.incrementAndGet();
              return real.read(line, reference);
            });
    int length = 65_536;
    int most = Service.MOST_LINE_BYTES / (2 * length) + 1; // And the one that is thought about.
    try (Service service = new Service(agent, notifier())) {
      service.start();
      Thread reader =
          new Thread(
              () -> {
                for (int i = 0; i < 3 * most; i++) {
                  service.lines().line(line(i, "x".repeat(length)));
                  handedOver.incrementAndGet();
                }
              });
      reader.start();
      poll(() -> handedOver.get() == most && reader.getState() == Thread.State.TIMED_WAITING);
      assertThat(read).hasValue(0);
      thinking.countDown();
      poll(() -> read.get() == 3 * most);
      assertThat(handedOver).hasValue(3 * most);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException stopped) {
      throw new AssertionError(stopped);
    }
  }

  private static void poll(BooleanSupplier condition) throws InterruptedException {
    Instant deadline = Instant.now().plusSeconds(60);
    while (!condition.getAsBoolean()) {
      assertThat(Instant.now()).isBefore(deadline);
      Thread.sleep(10);
    }
  }

  @Test
  void quarantineIsBoundedAndSurvivesARestart() throws Exception {
    Agent agent = agent(IllegalStateException::new);
    String text = MARKED + "x".repeat(60_000);
    for (int i = 0; i < 100; i++) {
      agent.line(line(i, text));
    }
    agent.tick();
    Agent again = agent(IllegalStateException::new);
    again.line(line(100, text));
    again.tick();
    assertThat(quarantined()).hasSize(1);
    assertThat(quarantined().values().iterator().next())
        .contains("\"count\":101")
        .hasSizeLessThan((Quarantine.MOST_LINES_EACH + 1) * Quarantine.MOST_CHARACTERS);
  }

  @Test
  void kindsAreFewHoweverManyThereAre() {
    Quarantine quarantine = new Quarantine();
    int news = 0;
    for (int i = 0; i < 1_000; i++) {
      news += quarantine.setAside("kind " + i, "line", NOW) ? 1 : 0;
    }
    assertThat(news).isEqualTo(Quarantine.MOST_KINDS);
    assertThat(quarantine.notes().drain()).hasSize(Quarantine.MOST_KINDS);
  }
}
