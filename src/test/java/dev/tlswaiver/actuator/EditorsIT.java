package dev.tlswaiver.actuator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.control.ControlSocket;
import dev.tlswaiver.control.Request;
import dev.tlswaiver.control.SilentAgentException;
import dev.tlswaiver.control.StartException;
import dev.tlswaiver.lab.Commands;
import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.waiver.Rung;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Invariants 3 and 8: an operator and the operator's programs edit master.cf while we do. */
final class EditorsIT {
  /** By each kind of editor. {@code -Dedits=5000} takes minutes. */
  private static final int EDITS = Integer.getInteger("edits", 1_000);

  private static final Pattern THEIRS =
      Pattern.compile("(?m)^theirs +unix +- +- +n +- +(\\d+) +discard\n");
  private static final Pattern OURS = Pattern.compile("(?m)^# ours (\\d+)\n");

  /**
   * Somebody who changes one number in master.cf, and looks each time at what became of the last.
   */
  private static final class Operator {
    private final Path master;
    private int number;

    Operator(Path master) {
      this.master = master;
    }

    /** The line as it is to be next; the one of before has to be there. */
    private String line(String text) {
      if (number > 0) {
        assertThat(number(THEIRS, text)).as("the last edit").contains(number);
      }
      return "theirs unix - - n - " + ++number + " discard";
    }

    void postconf() throws IOException {
      String line = line(read(master));
      Commands.Ended ended =
          Commands.run(
              List.of(
                  "postconf",
                  "-c",
                  master.resolveSibling("").toString(),
                  "-M",
                  "theirs/unix=" + line),
              Map.of());
      assertThat(ended.exit()).as(ended.output()).isZero();
    }

    private String edited() throws IOException {
      String text = read(master);
      String line = line(text) + "\n";
      Matcher before = THEIRS.matcher(text);
      return before.find() ? before.replaceFirst(line) : text + line;
    }

    /** As vim and emacs save. */
    void saveByName() throws IOException {
      Path copy = master.resolveSibling("editor");
      Files.writeString(copy, edited(), StandardCharsets.ISO_8859_1);
      Files.move(copy, master, StandardCopyOption.ATOMIC_MOVE);
    }

    /** As nano saves: into the file that is there. */
    void saveInPlace() throws IOException {
      Files.writeString(master, edited(), StandardCharsets.ISO_8859_1);
    }

    /** Looks for the last one. */
    void assertNothingIsLost() throws IOException {
      assertThat(number(THEIRS, read(master))).contains(number);
    }
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }

  private static Optional<Integer> number(Pattern line, String text) {
    Matcher matcher = line.matcher(text);
    return matcher.find() ? Optional.of(Integer.valueOf(matcher.group(1))) : Optional.empty();
  }

  /** What an operator does, in a thread of its own. */
  @FunctionalInterface
  private interface Work {
    void run() throws IOException;
  }

  private static CompletableFuture<Void> begin(Work work) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            work.run();
          } catch (IOException failure) {
            throw new UncheckedIOException(failure);
          }
        });
  }

  /** With postconf, which asks for the same lock, neither side ever has to do anything twice. */
  @Test
  void postconfAndWeTakeNothingFromEachOther() throws Exception {
    Path folder = Files.createTempDirectory("tlswaiver-editors");
    try {
      Path master = folder.resolve("master.cf");
      Files.writeString(folder.resolve("main.cf"), "compatibility_level = 3.6\n");
      Files.writeString(master, "smtp inet n - y - - smtpd\n");
      Operator operator = new Operator(master);
      CompletableFuture<Void> edits =
          begin(
              () -> {
                for (int i = 0; i < EDITS; i++) {
                  operator.postconf();
                }
              });
      int ours = 0;
      int moved = 0;
      while (!edits.isDone()) {
        String text = read(master);
        assertThat(number(OURS, text).orElse(0)).as("our last edit").isEqualTo(ours);
        String next = OURS.matcher(text).replaceFirst("") + "# ours " + (ours + 1) + "\n";
        try {
          FileEdit.exchange(master, text, next);
          ours++;
        } catch (MovedException busy) {
          moved++;
        }
      }
      edits.join();
      operator.assertNothingIsLost();
      assertThat(number(OURS, read(master))).contains(ours);
      assertThat(ours).as("swaps, beside %d that came late", moved).isGreaterThan(EDITS / 2);
      assertThat(moved).isPositive();
      // What the last swap replaced stays beside the file until a plan ends.
      FileEdit.discardStaged(master);
      try (var names = Files.list(folder)) {
        assertThat(names.map(name -> name.getFileName().toString()))
            .containsExactlyInAnyOrder("main.cf", "master.cf");
      }
    } finally {
      Commands.run(List.of("rm", "-r", folder.toString()), Map.of());
    }
  }

  /**
   * An agent that sees other TLS settings, half a file may have such, begins anew: asks it again.
   */
  private static void ask(Path socket, Request request) {
    Lab.await(
        "an answer",
        () -> {
          try {
            return ControlSocket.ask(socket, request, Duration.ofMinutes(1)).isPresent();
          } catch (StartException | SilentAgentException | IOException anew) {
            return false;
          }
        });
  }

  /** Whoever edits, and however: the plan is made again, and the edit stays. */
  @Test
  void noEditIsLostWhileWaiversComeAndGo() throws Exception {
    try (Lab lab = Lab.up()) {
      Path configuration = lab.configure();
      Path socket = configuration.resolveSibling("control.sock");
      lab.run(configuration).awaitStart();
      Operator operator = new Operator(lab.postfix().resolve("master.cf"));
      int applied = 0;
      for (int round = 0; round < EDITS / 50; round++) {
        // Bursts, because nothing is ever applied while somebody saves without a pause.
        boolean grant = round % 2 == 0;
        CompletableFuture<Void> edits =
            begin(
                () -> {
                  for (int i = 0; i < 15; i++) {
                    operator.postconf();
                    operator.saveByName();
                    operator.saveInPlace();
                  }
                });
        ask(
            socket,
            grant
                ? new Request.Grant(
                    "203.0.113.250", Rung.LEGACY, Optional.of(Duration.ofHours(1)), "", true)
                : new Request.Revoke("203.0.113.250"));
        edits.join();
        operator.assertNothingIsLost();
        if (lab.isInOrder()
            && read(lab.postfix().resolve("master.cf")).contains("BEGIN tlswaiver") == grant) {
          applied++;
        }
      }
      assertThat(applied).isPositive();
      assertThat(lab.send(Lab.MODERN, "modern")).isPresent();
    }
  }
}
