package dev.tlswaiver.lab;

import dev.tlswaiver.lab.Commands.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A Debian that was booted, with systemd as its first process, a strict Postfix under it and the
 * journal as its only log; and an old sender outside. What happens on its file system is forgotten.
 */
public final class Machine implements AutoCloseable {
  /** The old sender. */
  public static final String OLD = "198.51.100.10";

  /** Where somebody else sends from, who speaks no better TLS. */
  public static final String STRANGER = "203.0.113.79";

  private static final Duration BOOT = Duration.ofMinutes(2);

  private final String inside = "twb" + ProcessHandle.current().pid() + "-mx";
  private final String outside = "twb" + ProcessHandle.current().pid() + "-snd";
  private Optional<Process> nspawn = Optional.empty();

  private Machine() {}

  /** Boots one. */
  public static Machine boot() throws IOException, InterruptedException {
    Path debian = Debian.installed("booted");
    Machine machine = new Machine();
    try {
      machine.buildNetwork();
      machine.start(debian);
      machine.configurePostfix();
      return machine;
    } catch (IOException | AssertionError failure) {
      machine.close();
      throw failure;
    }
  }

  private void buildNetwork() {
    host("ip netns add " + inside);
    host("ip netns add " + outside);
    host("ip link add mx0 netns " + inside + " type veth peer name snd0 netns " + outside);
    for (String line :
        List.of(
            "addr add 192.0.2.1/24 dev mx0",
            "link set lo up",
            "link set mx0 up",
            "route add 198.51.100.0/24 dev mx0",
            "route add 203.0.113.0/24 dev mx0")) {
      host("ip -n " + inside + " " + line);
    }
    for (String line :
        List.of(
            "addr add 192.0.2.2/24 dev snd0",
            "addr add " + OLD + "/32 dev snd0",
            "addr add " + STRANGER + "/32 dev snd0",
            "link set lo up",
            "link set snd0 up")) {
      host("ip -n " + outside + " " + line);
    }
  }

  private static void host(String line) {
    Ended ended = Commands.run(List.of(line.split(" ")), Map.of());
    if (ended.exit() != 0) {
      throw new AssertionError(line + ": " + ended.output());
    }
  }

  private void start(Path debian) throws IOException {
    Path console = Files.createTempFile("tlswaiver-console", ".out");
    nspawn =
        Optional.of(
            new ProcessBuilder(
                    "systemd-nspawn",
                    "--directory=" + debian,
                    "--volatile=overlay",
                    "--register=no",
                    "--keep-unit",
                    "--network-namespace-path=/run/netns/" + inside,
                    "--capability=CAP_NET_ADMIN",
                    "--console=pipe",
                    "--boot")
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(console.toFile())
                .start());
    try {
      Lab.await("a booted Debian", BOOT, () -> first().filter(Machine::isUp).isPresent());
    } catch (AssertionError late) {
      throw new AssertionError(late.getMessage() + ": " + Files.readString(console), late);
    } finally {
      Files.delete(console);
    }
  }

  /** While it begins, its first process is another one a moment later, and nobody by now. */
  private static boolean isUp(ProcessHandle first) {
    return runIn(first, "systemctl", "is-system-running")
        .output()
        .strip()
        .matches("running|degraded");
  }

  private Optional<ProcessHandle> first() {
    return nspawn.flatMap(process -> process.children().findFirst());
  }

  private void configurePostfix() {
    must(
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout /etc/postfix/key.pem -days 30"
            + " -out /etc/postfix/cert.pem -subj /CN=mx.example.org");
    must(
        "postconf -e smtpd_tls_cert_file=/etc/postfix/cert.pem"
            + " smtpd_tls_key_file=/etc/postfix/key.pem 'smtpd_tls_protocols=>=TLSv1.2'"
            + " smtpd_tls_loglevel=1 myhostname=mx.example.org mydestination=example.org"
            + " local_transport=discard: local_recipient_maps= alias_maps="
            + " smtpd_peername_lookup=no");
    must("systemctl restart postfix");
  }

  /** How a program ended. */
  public record Result(int exit, String output) {}

  /** Runs a program on the machine. */
  public Result run(String... command) {
    return runIn(first().orElseThrow(), command);
  }

  private static Result runIn(ProcessHandle first, String... command) {
    List<String> line =
        new ArrayList<>(
            List.of(
                "nsenter",
                "--target",
                Long.toString(first.pid()),
                "--all",
                "env",
                "-i",
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
    line.addAll(Arrays.asList(command));
    Ended ended = Commands.run(line, Map.of());
    return new Result(ended.exit(), ended.output());
  }

  /** Runs a line of shell on the machine. */
  public Result shell(String line) {
    return run("sh", "-c", line);
  }

  /** The same, which has to succeed; what it printed. */
  public String must(String line) {
    Result result = shell(line);
    if (result.exit() != 0) {
      throw new AssertionError(line + " exited with " + result.exit() + ": " + result.output());
    }
    return result.output();
  }

  /** Puts a file there. */
  public void copy(Path file, String to) {
    Ended ended =
        Commands.run(
            List.of(
                "nsenter",
                "--target",
                Long.toString(first().orElseThrow().pid()),
                "--mount",
                "--root",
                "tee",
                to),
            Map.of(),
            file);
    if (ended.exit() != 0) {
      throw new AssertionError(to + ": " + ended.output());
    }
  }

  /** Delivers a mail from the old sender, which speaks TLS 1.0. Whether it was accepted. */
  public boolean send() {
    return sendFrom(OLD);
  }

  /** The same from an address that is outside. */
  public boolean sendFrom(String address) {
    return Commands.run(
                List.of(
                    "ip",
                    "netns",
                    "exec",
                    outside,
                    "swaks",
                    "--local-interface",
                    address,
                    "--server",
                    "192.0.2.1",
                    "--helo",
                    "mta1.oldbank.example",
                    "--from",
                    "a@oldbank.example",
                    "--to",
                    "b@example.org",
                    "--tls",
                    "--tls-protocol",
                    "tlsv1",
                    "--tls-cipher",
                    "ALL:@SECLEVEL=0"),
                Map.of())
            .exit()
        == 0;
  }

  /** One of systemd's properties of a unit. */
  public String property(String unit, String name) {
    return must("systemctl show --property=" + name + " --value " + unit).strip();
  }

  /** What the agent's unit wrote into the journal. */
  public String journal() {
    return must("journalctl --no-pager --output=cat --unit=tlswaiver --unit=tlswaiver-sweep");
  }

  /** All that our changes could touch, with owners and modes. */
  public String mailHost() {
    return must(
        "cd /etc/postfix && find . -printf '%p %u:%g %m\\n' | sort"
            + " && find . -type f -print0 | sort -z | xargs -0 sha256sum && nft list ruleset");
  }

  @Override
  public void close() {
    nspawn.ifPresent(
        process -> {
          first().ifPresent(one -> run("systemctl", "--no-block", "poweroff"));
          try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
              first().ifPresent(ProcessHandle::destroyForcibly);
              process.destroyForcibly().waitFor();
            }
          } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
          }
        });
    Commands.run(List.of("ip", "netns", "del", inside), Map.of());
    Commands.run(List.of("ip", "netns", "del", outside), Map.of());
  }
}
