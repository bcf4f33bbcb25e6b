package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.control.ControlSocket;
import dev.tlswaiver.control.Reply;
import dev.tlswaiver.control.Request;
import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.CommandResult;
import dev.tlswaiver.waiver.Rung;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Mail at full speed, while waivers come and go. It runs alone: it takes all the processor time
 * that there is for as long as the changes last, and in company they last ten times as long.
 */
@Tag("alone")
final class LoadIT {
  private static final int MESSAGES = 2_000;

  /** Grants, and as many revocations. {@code -Dchanges=100} takes minutes. */
  private static final int CHANGES = Integer.getInteger("changes", 40);

  /** What a sender meets whose session breaks off; probes hang up before. */
  private static final Pattern BROKEN =
      Pattern.compile("(lost connection|timeout) after (MAIL|RCPT|DATA|END-OF-MESSAGE|RSET)");

  private static void ask(Path socket, Request request) throws Exception {
    Reply reply = ControlSocket.ask(socket, request, Duration.ofMinutes(1)).orElseThrow();
    assertThat(reply.exit()).as(reply.text()).isZero();
  }

  private static void grant(Path socket, String address) throws Exception {
    ask(
        socket,
        new Request.Grant(address, Rung.LEGACY, Optional.of(Duration.ofHours(1)), "", true));
  }

  private static CommandResult deliver(Lab lab) {
    return lab.onSenders(
        List.of(
            "/usr/sbin/smtp-source",
            "-s",
            "8",
            "-m",
            Integer.toString(MESSAGES),
            "-f",
            "sender@modern.example",
            "-t",
            "postmaster@strict.example",
            "192.0.2.25:25"));
  }

  @Test
  void noMessageIsLostAndNoConnectionResetWhileWaiversComeAndGo() throws Exception {
    try (Lab lab = Lab.up()) {
      Path configuration = lab.configure("guards: {most_waivers: 500}");
      Path socket = configuration.resolveSibling("control.sock");
      lab.run(configuration).awaitStart();
      grant(socket, "203.0.113.250"); // Its listener stands from now on.
      CompletableFuture<CommandResult> mail = CompletableFuture.supplyAsync(() -> deliver(lab));
      int runs = 1;
      for (int i = 1; i <= CHANGES; i++) {
        String address = "203.0.113." + i;
        grant(socket, address);
        if (mail.isDone()) {
          assertThat(mail.join().exit()).as(mail.join().output()).isZero();
          mail = CompletableFuture.supplyAsync(() -> deliver(lab));
          runs++;
        }
        ask(socket, new Request.Revoke(address));
      }
      assertThat(mail.join().exit()).as(mail.join().output()).isZero();
      List<String> log = Files.readAllLines(lab.maillog());
      assertThat(log.stream().filter(line -> line.contains(": client="))).hasSize(runs * MESSAGES);
      assertThat(log)
          .noneMatch(line -> BROKEN.matcher(line).find())
          .noneMatch(line -> line.contains(": reject: "));
      assertThat(log.stream().filter(line -> line.contains("reload -- version"))).hasSize(1);
      assertThat(lab.send(Lab.MODERN, "modern")).isPresent();
    }
  }
}
