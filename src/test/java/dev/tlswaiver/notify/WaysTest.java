package dev.tlswaiver.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.postfix.ProcessPrograms;
import dev.tlswaiver.guard.Alarms.Alarm;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Objector;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WaysTest {
  private static final String WICKED =
      "x\r\nBcc: victim@example.net\r\n\r\n.\nQUIT\u0000\u001b[2J\u009b2J\u00e9";

  private static Notice wicked() {
    return Notice.of(
        new Alarm(
            Instant.parse("2026-03-01T12:00:00Z"),
            Optional.of(new Pool("oldbank.example")),
            new Objection(Objector.ofLabel(WICKED), WICKED)));
  }

  /** Remembers what was run. */
  private static final class Remembering implements Programs {
    private final List<List<String>> commands = new ArrayList<>();
    private String input = "";
    private int exit;

    @Override
    public Result run(
        List<String> command, Map<String, String> environment, String text, Duration timeout) {
      commands.add(command);
      if (command.get(0).equals("postconf")) {
        boolean isPath = command.contains("sendmail_path");
        return new Result(0, isPath ? "/opt/sendmail\n" : "mx.example.org\n", "");
      }
      input = text;
      return new Result(exit, "", exit == 0 ? "" : "no room\n");
    }
  }

  @Test
  void aHeaderStaysOneLineAndTheBodyBehindTheHeaders() throws Exception {
    Remembering host = new Remembering();
    Mailbox to = new Mailbox("postmaster@example.org");
    new MailWay(host, Path.of("/etc/postfix"), to, Optional.empty()).deliver(wicked());
    String head = host.input.substring(0, host.input.indexOf("\n\n"));
    assertThat(head.lines().map(line -> line.substring(0, line.indexOf(": "))))
        .containsExactly(
            "To",
            "Subject",
            "X-Tlswaiver-Id",
            "Auto-Submitted",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding");
    assertThat(head)
        .startsWith("To: postmaster@example.org\n")
        .contains("Subject: [tlswaiver mx.example.org] alarm x??Bcc: victim@example.net??")
        .contains("Auto-Submitted: auto-generated\n");
    assertThat(host.input).doesNotContain("\r", "\u0000", "\u001b", "\u009b");
    assertThat(host.commands.get(host.commands.size() - 1))
        .containsExactly("/opt/sendmail", "-C", "/etc/postfix", "-i", "-t", "-F", "tlswaiver");
  }

  @Test
  void theSenderIsWhomTheOperatorNames() throws Exception {
    Remembering host = new Remembering();
    new MailWay(
            host,
            Path.of("/etc/postfix"),
            new Mailbox("root"),
            Mailbox.find("tlswaiver@mx.example.org"))
        .deliver(wicked());
    assertThat(host.input).startsWith("From: tlswaiver <tlswaiver@mx.example.org>\nTo: root\n");
    assertThat(host.commands.get(host.commands.size() - 1))
        .endsWith("-f", "tlswaiver@mx.example.org");
  }

  @Test
  void aMailProgramThatRefusesIsAFailureWithItsWords() {
    Remembering host = new Remembering();
    host.exit = 75;
    MailWay mail = new MailWay(host, Path.of("/x"), new Mailbox("root"), Optional.empty());
    assertThatThrownBy(() -> mail.deliver(wicked()))
        .isInstanceOf(HostException.class)
        .hasMessage("/opt/sendmail exited with 75: no room");
  }

  @Test
  void noLineIsLongerThanMailAllows() {
    String text =
        MailWay.message(
            Notice.plain("1", Topic.TEST, Instant.EPOCH, "s".repeat(9_000), "long ".repeat(900)),
            "mx.example.org",
            new Mailbox("root"),
            Optional.empty());
    assertThat(text.lines()).allMatch(line -> line.length() < 900);
    assertThat(text.replace("\n", "")).contains("long ".repeat(20));
  }

  @Test
  void aCommandGetsOneLineOfJsonAndNoShellReadsItsArguments() throws Exception {
    Remembering host = new Remembering();
    new CommandWay(host, List.of("/bin/tell", "$(reboot); x")).deliver(wicked());
    assertThat(host.commands).containsExactly(List.of("/bin/tell", "$(reboot); x"));
    assertThat(host.input).endsWith("}\n").containsOnlyOnce("\n");
    var json = JsonParser.parseString(host.input).getAsJsonObject();
    assertThat(json.get("event").getAsString()).isEqualTo("alarm");
    assertThat(json.getAsJsonObject("alarm").get("pool").getAsString())
        .isEqualTo("oldbank.example");
    assertThat(json.getAsJsonObject("alarm").get("text").getAsString()).isEqualTo(WICKED);
    assertThat(json.get("waiver").isJsonNull()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/false", "/nonexistent/tell"})
  void aCommandThatFailsSaysWhich(String program) {
    CommandWay way = new CommandWay(new ProcessPrograms(), List.of(program));
    assertThatThrownBy(() -> way.deliver(wicked()))
        .isInstanceOf(HostException.class)
        .hasMessageStartingWith(program);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "@example.org",
        "a@",
        "a@b@c",
        "-bs@example.org",
        "a b@example.org",
        "a,b@example.org",
        "a@exa mple.org",
        "a\n@example.org",
        "<a@example.org>",
        "\"a\"@example.org",
        "a..b@example.org",
        "|/bin/sh"
      })
  void whatIsNoPlainAddressIsNone(String text) {
    assertThat(Mailbox.find(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"root", "a.b+c@example.org", "o'neill@xn--bcher-kva.example"})
  void whatIsAPlainAddressIsOne(String text) {
    assertThat(Mailbox.find(text)).isPresent();
  }
}
