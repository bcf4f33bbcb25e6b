package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * A program of the host that never ends is given up after its time, and the host is as before. All
 * of them hang at the same time, each on a mail host of its own: what they cost is waiting.
 */
final class HangsIT {

  /**
   * @param program the one that hangs
   * @param when the shell's test of the arguments with which it does
   * @param said what the agent says of it
   */
  private record Hang(String program, String when, String said) {

    /** Hangs once, in a program of its own as a script does; the file says that it did. */
    private String hangOnce() {
      return "if [ ! -e \"$0.hung\" ] && %s; then touch \"$0.hung\"; sleep 600; exit 0; fi\n"
              .formatted(when)
          + "exec $REAL \"$@\"";
    }

    Void play() throws Exception {
      try (Lab lab = Lab.up()) {
        HostState before = lab.hostState();
        lab.disguise(program, hangOnce());
        RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
        lab.failThreeTimes(Lab.OLD, "tls1");
        Path hung = lab.programs().resolve(program + ".hung");
        Lab.await(program + " hangs", () -> Files.exists(hung));
        assertThat(lab.send(Lab.MODERN, "modern")).as("mail while it hangs").isPresent();
        assertThat(lab.get("/-/healthy")).contains("Healthy");
        agent.await(said + ".* did not end within 30 s", Duration.ofMinutes(2));
        agent.await("PROPOSED -> FAILED");
        assertThat(lab.hostState()).as(program).isEqualTo(before);
        assertThat(lab.isPostfixRunning()).isTrue();
        assertThat(lab.send(Lab.MODERN, "modern")).isPresent();
        // All see all processes; those of this host are known by its network.
        assertThat(
                lab.onHost(
                    "sh",
                    "-c",
                    "ps -o args= -p \"$(ip netns pids \"$(ip netns identify)\" | paste -sd ,)\""))
            .as("what is left")
            .contains("master")
            .doesNotContain("sleep");
      }
      return null;
    }
  }

  private static final List<Hang> HANGS =
      List.of(
          new Hang(
              "postconf",
              "case \"$*\" in *staged-*) ;; *) false;; esac",
              "plan rejected, nothing was changed: it can't be checked: postconf"),
          new Hang(
              "postmap",
              "case \"$*\" in *staged-*) false;; esac",
              "plan rolled back: build .*: postmap"),
          new Hang(
              "nft",
              "case \"$*\" in *--check*) ;; *) false;; esac",
              "nothing was changed: it can't be checked: nft"),
          new Hang("nft", "[ \"$*\" = '-f -' ]", "plan rolled back: nft first: nft"),
          new Hang("postfix", "[ \"$3\" = reload ]", "plan rolled back: reload: postfix"));

  @Test
  void whatHangsIsGivenUpAndUndone() throws Exception {
    List<Callable<Void>> plays = new ArrayList<>();
    HANGS.forEach(hang -> plays.add(hang::play));
    ExecutorService hosts = Executors.newFixedThreadPool(HANGS.size());
    try {
      // All come to their end, and clean up, before the first that failed is told.
      List<Future<Void>> played = hosts.invokeAll(plays);
      for (Future<Void> one : played) {
        one.get();
      }
    } finally {
      hosts.shutdown();
    }
  }
}
