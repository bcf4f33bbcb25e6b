package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real fail2ban with the file that we give to its users, and a filter that reads the relaxed
 * listeners' lines too, as some releases of it do.
 */
final class Fail2banIT {
  private static final Path OURS = Path.of("etc/fail2ban").toAbsolutePath();

  @TempDir private Path folder;

  @Test
  void aWaivedSenderIsNotBannedAndAnotherOneIs() throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      lab.tlswaiver(lab.configuration(), "grant", "198.51.100.10", "--rung", "legacy");
      command(lab);
      configure(lab.maillog());
      Process server = start(lab);
      try {
        Lab.await("fail2ban", () -> status(lab).contains("Currently failed"));
        drop(lab, "198.51.100.10");
        drop(lab, "203.0.113.40");
        Lab.await("the other's ban", () -> status(lab).contains("203.0.113.40"));
        assertThat(status(lab)).doesNotContain("198.51.100.10");
        assertThat(Files.readString(folder.resolve("log")))
            .contains("Ignore 198.51.100.10 by command");
      } finally {
        server.destroy();
        if (!server.waitFor(20, TimeUnit.SECONDS)) {
          server.destroyForcibly();
        }
      }
      agent.stop();
    }
  }

  /** What the package has as /usr/bin/tlswaiver. */
  private static void command(Lab lab) throws IOException {
    Path file = lab.programs().resolve("tlswaiver");
    Files.writeString(
        file,
        "#!/bin/sh\nexec '%s' \"$@\" --config '%s'\n"
            .formatted(String.join("' '", RunningTlswaiver.java()), lab.configuration()));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void configure(Path maillog) throws IOException {
    Path etc = Files.createDirectory(folder.resolve("etc"));
    try (Stream<Path> files = Files.list(Path.of("/etc/fail2ban"))) {
      for (Path file :
          files.filter(all -> !all.toString().matches(".*(\\.local|/jail\\.d)")).toList()) {
        Files.createSymbolicLink(etc.resolve(file.getFileName()), file);
      }
    }
    Files.writeString(etc.resolve("fail2ban.local"), "[Definition]\ndbfile = None\n");
    Path jails = Files.createDirectory(etc.resolve("jail.d"));
    Files.writeString(
        jails.resolve("first.local"),
        """
        [postfix]
        enabled = true
        filter = postfix[mode=aggressive, _daemon="postfix/[a-z-]+(?:/smtpd)?"]
        logpath = %s
        backend = polling
        maxretry = 1
        action =
        """
            .formatted(maillog));
    Files.writeString(
        jails.resolve("tlswaiver.local"),
        Files.readString(OURS.resolve("tlswaiver.local"))
            .replace("/usr/share/tlswaiver/fail2ban", OURS.toString()));
  }

  private List<String> fail2ban(String program, String... words) {
    List<String> command = new ArrayList<>();
    command.add(program);
    command.addAll(List.of("-c", folder.resolve("etc").toString()));
    command.addAll(List.of("-s", folder.resolve("socket").toString()));
    command.addAll(List.of("-p", folder.resolve("pid").toString()));
    command.addAll(List.of("--logtarget", folder.resolve("log").toString()));
    command.addAll(List.of(words));
    return command;
  }

  private Process start(Lab lab) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(lab.hostCommand(fail2ban("fail2ban-server", "-f", "start")));
    builder
        .environment()
        .merge("PATH", lab.programs().toString(), (path, ours) -> ours + ":" + path);
    return builder.redirectErrorStream(true).redirectOutput(folder.resolve("out").toFile()).start();
  }

  private String status(Lab lab) {
    return lab.outputOnHost(
        fail2ban("fail2ban-client", "status", "postfix").toArray(String[]::new));
  }

  /** A connection that ends in the middle of it. */
  private static void drop(Lab lab, String address) throws Exception {
    lab.onSenders(
        List.of(
            "swaks",
            "--server",
            "192.0.2.25",
            "--helo",
            "a.example",
            "--from",
            "a@a.example",
            "--to",
            "b@strict.example",
            "--drop-after",
            "EHLO",
            "--local-interface",
            address));
  }
}
