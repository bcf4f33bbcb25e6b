package dev.tlswaiver.status;

import static dev.tlswaiver.status.Situations.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.guard.Pause;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Service;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.report.Situation;
import dev.tlswaiver.waiver.Attempt;
import dev.tlswaiver.waiver.Evidence;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Objector;
import dev.tlswaiver.waiver.Proof;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Term;
import dev.tlswaiver.waiver.Transition;
import dev.tlswaiver.waiver.Waiver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whoever can open a connection to the status server learns of no sender: neither its name nor its
 * address nor a mail of it. Each text that an agent leaves there has all of them in it.
 */
final class NamelessTest {
  private static final String NAME = "mta7.marked.example";
  private static final String V4 = "203.0.113.77";
  private static final String V6 = "2001:db8:77::25";
  private static final String QUEUE_ID = "4MARKED7zQ";
  private static final String ALL =
      NAME + "[" + V4 + "], " + V6 + " of <bill@marked.example> in " + QUEUE_ID;

  private final HttpClient client = HttpClient.newHttpClient();
  private final Board board = new Board();
  private final Metrics metrics =
      new Metrics(
          "1",
          List.of("old-protocol"),
          List.of("stage"),
          List.of("enforce"),
          List.of(),
          List.of("redirect"));
  private volatile boolean isReady;
  private StatusServer server;

  @BeforeEach
  void open() throws Exception {
    server =
        new StatusServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            metrics,
            board,
            () -> isReady,
            () -> NOW.plusSeconds(300));
    List<Waiver> waivers = new ArrayList<>();
    for (State state : State.values()) {
      waivers.add(marked(waivers.size() + 1, state, List.of()));
      waivers.add(
          marked(
              waivers.size() + 1,
              state,
              List.of(
                  new Objection(GuardName.PROBE, ALL),
                  new Objection(Objector.ofLabel("of-" + NAME), ALL))));
    }
    Trend trend = new Trend(NOW);
    for (Handshake handshake :
        List.of(
            handshake(new Outcome.Failed(Reason.OTHER, Optional.of("0A0"), ALL, false)),
            handshake(new Outcome.Completed(ALL, ALL, 1)),
            handshake(new Outcome.Completed("TLSv1.2", NAME, 1)),
            handshake(new Outcome.Completed(V6, "AES128-SHA", 1)))) {
      trend.observe(handshake, NOW);
      metrics.handshake(handshake);
    }
    metrics.objection(Objector.ofLabel("of-" + NAME));
    metrics.ledger(waivers, 50);
    metrics.configurationRefused();
    board.post(
        Snapshot.of(
            NOW,
            new Situation(
                true,
                "enforce",
                Optional.of(new Pause(NOW.plusSeconds(60), ALL)),
                Optional.of(ALL)),
            waivers,
            50,
            trend.counts(NOW),
            new Snapshot.Health(Optional.of(NOW), 1, Optional.of(NOW), Optional.of(NOW), false)));
    board.refuseConfiguration();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private static Handshake handshake(Outcome outcome) {
    return new Handshake(
        Optional.of(NOW),
        new Service("postfix", "smtpd"),
        new Peer(HostName.find(NAME), Optional.of(IpAddress.parse(V4))),
        outcome);
  }

  private static Waiver marked(long id, State state, List<Objection> objections) {
    return new Waiver(
        id,
        new Pool(NAME),
        List.of(IpAddress.parse(V4), IpAddress.parse(V6)),
        List.of(IpAddress.parse("203.0.113.78")),
        List.of(IpPrefix.parse(V4 + "/32"), IpPrefix.parse(V6 + "/128")),
        Rung.LEGACY,
        new Evidence(
            "marked-of-the-operator",
            Reason.UNSUPPORTED_PROTOCOL,
            Optional.of("0A000102"),
            3,
            NOW.minusSeconds(7_200),
            NOW.minusSeconds(3_600),
            Optional.empty()),
        NOW.minusSeconds(3_600),
        state,
        0,
        Optional.of(new Term(NOW.minusSeconds(3_000), NOW.plusSeconds(500_000))),
        Optional.<Attempt>empty(),
        Map.of(IpAddress.parse(V4), Rung.LEGACY),
        Optional.of(
            new Proof(
                Rung.LEGACY,
                Optional.of(NAME),
                Optional.of(NAME),
                QUEUE_ID,
                NOW.minusSeconds(600))),
        objections,
        List.of(new Transition(state, NOW.minusSeconds(60 * id), ALL)));
  }

  private HttpResponse<String> ask(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/metrics", "/-/ready", "/-/healthy", "/x"})
  void nobodyIsNamed(String path) throws Exception {
    for (boolean ready : List.of(false, true)) {
      isReady = ready;
      for (String accepted : List.of("*/*", "application/openmetrics-text; version=1.0.0")) {
        HttpResponse<String> answer = ask(path, "Accept", accepted);
        assertThat(answer.body() + answer.headers().map())
            .doesNotContainIgnoringCase("marked")
            .doesNotContain("203.0.113.", "2001:db8:77:", "bill");
      }
    }
  }
}
