package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.actuator.FileEdit;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.MailChange;
import dev.tlswaiver.actuator.MailSystem.Health;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Redirect;
import dev.tlswaiver.actuator.Settings;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Rung;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How often Postfix is asked, and what does without an answer. */
final class PostfixMailTest {
  private static final String DIRECT = "smtp inet n - y - - smtpd\n";

  private static final String SCREENED =
      "smtp inet n - y - 1 postscreen\nsmtpd pass - - y - - smtpd\n";

  private static final Health DOWN = new Health(false, false, 0);

  @TempDir Path folder;

  /** A host whose Postfix is as it was installed, and whose every other program has no say. */
  private static final class Installed implements Programs {
    private static final Map<String, String> PARAMETERS =
        Map.of(
            "mail_version", "3.7.11",
            "inet_interfaces", "all",
            "inet_protocols", "all",
            "default_database_type", "hash",
            "smtpd_service_name", "smtpd");

    /** What postconf(1) was asked, one for each time. */
    final List<String> questions = new ArrayList<>();

    @Override
    public Result run(
        List<String> command, Map<String, String> environment, String input, Duration timeout) {
      if (!command.get(0).equals("postconf")) {
        return new Result(0, "", "");
      }
      questions.add(String.join(" ", command));
      return new Result(0, answer(command), "");
    }

    private static String answer(List<String> command) {
      if (command.contains("-m")) {
        return "cidr\nhash\nlmdb\n";
      }
      String name = command.get(command.size() - 1);
      return command.contains("-h")
          ? PARAMETERS.getOrDefault(name, "") + "\n"
          : PARAMETERS.entrySet().stream()
              .filter(known -> command.contains(known.getKey()))
              .map(known -> known.getKey() + " = " + known.getValue() + "\n")
              .collect(Collectors.joining());
    }
  }

  /** A listener that has no time for the first few, and offers the next one no TLS. */
  private static final class Busy implements AutoCloseable {
    final ServerSocket socket;
    private final CompletableFuture<Void> served;

    Busy(int times) throws IOException {
      socket = new ServerSocket(0, times + 1, InetAddress.getLoopbackAddress());
      served = CompletableFuture.runAsync(() -> serve(times));
    }

    private void serve(int times) {
      try {
        for (int i = 0; i < times; i++) {
          try (Socket visitor = socket.accept()) {
            say(visitor, "421 busy");
          }
        }
        try (Socket visitor = socket.accept();
            BufferedReader reader =
                new BufferedReader(
                    new InputStreamReader(visitor.getInputStream(), StandardCharsets.US_ASCII))) {
          say(visitor, "220 mx.strict.example");
          reader.readLine();
          say(visitor, "250 mx.strict.example");
          reader.readLine();
        }
      } catch (IOException gone) {
        throw new java.io.UncheckedIOException(gone);
      }
    }

    private static void say(Socket visitor, String line) throws IOException {
      visitor.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Waits until everybody was served. */
    @Override
    public void close() throws IOException {
      try {
        served.orTimeout(30, TimeUnit.SECONDS).join();
      } finally {
        socket.close();
      }
    }
  }

  private final Installed host = new Installed();

  private PostfixMail mail() {
    return new PostfixMail(
        new Settings(
            folder,
            Optional.empty(),
            Map.of(Rung.CIPHERS, 10126, Rung.LEGACY, 10127, Rung.PLAINTEXT, 10129),
            Redirect.NONE,
            folder.resolve("state")),
        host);
  }

  private void master(String text) throws IOException {
    Files.writeString(folder.resolve("master.cf"), text);
  }

  private static List<Grant> grants(Rung... rungs) {
    List<Grant> grants = new ArrayList<>();
    for (Rung rung : rungs) {
      grants.add(
          new Grant(
              grants.size() + 1,
              rung,
              List.of(IpPrefix.parse("192.0.2." + (grants.size() + 1) + "/32")),
              Instant.parse("2026-01-01T00:00:00Z")));
    }
    return grants;
  }

  /** Writes what the change asks for, as apply would. */
  private MailChange applied(MailChange change) throws IOException {
    for (FileEdit edit : change.edits()) {
      if (edit.next().isPresent()) {
        Files.writeString(edit.file(), edit.next().get(), StandardCharsets.ISO_8859_1);
      } else {
        Files.delete(edit.file());
      }
    }
    host.questions.clear();
    return change;
  }

  @Test
  void aPlanAsksAsOftenForThreeRungsAsForOne() throws Exception {
    master(DIRECT);
    mail().plan(grants(Rung.LEGACY));
    assertThat(host.questions).hasSize(6);
    host.questions.clear();
    mail().plan(grants(Rung.CIPHERS, Rung.LEGACY, Rung.PLAINTEXT));
    assertThat(host.questions).hasSize(6);
  }

  @Test
  void behindPostscreenItAsksOnceMore() throws Exception {
    master(SCREENED);
    mail().plan(grants(Rung.LEGACY));
    assertThat(host.questions).hasSize(7);
  }

  @Test
  void aPlanForNobodyAsksNothing() throws Exception {
    master(DIRECT);
    assertThat(mail().plan(List.of()).isEmpty()).isTrue();
    assertThat(host.questions).isEmpty();
  }

  @Test
  void whatIsOursGoesWithoutAPublicServiceToBeFound() throws Exception {
    master(DIRECT);
    MailChange put = applied(mail().plan(grants(Rung.LEGACY, Rung.PLAINTEXT)));
    String block = Files.readString(folder.resolve("master.cf")).substring(DIRECT.length());
    master(block);
    assertThatThrownBy(() -> mail().plan(grants(Rung.LEGACY))).hasMessageContaining("no inet");
    host.questions.clear();
    MailChange taken = applied(mail().plan(List.of()));
    assertThat(folder.resolve("master.cf")).isEmptyFile();
    assertThat(taken.tables()).containsExactlyInAnyOrderElementsOf(put.tables());
    assertThat(put.tables()).hasSize(2);
    assertThat(folder).isDirectoryNotContaining("glob:**tlswaiver*");
  }

  @Test
  void whatKindsOfTablesThereAreIsAskedOnceForAllThatGo() throws Exception {
    master(DIRECT);
    applied(mail().plan(grants(Rung.CIPHERS, Rung.LEGACY, Rung.PLAINTEXT)));
    mail().plan(List.of());
    assertThat(host.questions).hasSize(2);
  }

  @Test
  void whoWaitsForAListenerAsksNothingMeanwhile() throws Exception {
    assertThat(questionsOfProbe(5)).isEqualTo(questionsOfProbe(0)).isEqualTo(2);
  }

  private int questionsOfProbe(int busy) throws Exception {
    host.questions.clear();
    try (Busy listener = new Busy(busy)) {
      mail().probe(DOWN, listening(Map.of(Rung.PLAINTEXT, listener.socket.getLocalPort())));
    }
    return host.questions.size();
  }

  private static MailChange listening(Map<Rung, Integer> listeners) {
    return new MailChange(List.of(), List.of(), true, 25, listeners, false);
  }

  /** What did not answer before is not looked for: there may be no such service. */
  @Test
  void afterWhatDidNotAnswerOnlyTheLogIsLookedAt() throws HostException {
    mail().probe(DOWN, listening(Map.of()));
    assertThat(host.questions).singleElement().asString().endsWith("-h maillog_file");
  }
}
