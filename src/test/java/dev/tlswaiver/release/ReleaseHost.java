package dev.tlswaiver.release;

import dev.tlswaiver.lab.Debian;
import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A mail host that is a whole Debian, with the jar installed as README.md says and its
 * configuration where it is looked for.
 */
final class ReleaseHost implements AutoCloseable {
  /** Failures need not be spread, so that the test need not wait. */
  private static final List<String> QUICK =
      List.of(
          "mode: enforce",
          "rules: [{name: no-shared-cipher, reasons: [no-shared-cipher], failures: 3, within: 1h,"
              + " spread: 0s, rung: ciphers}, {name: old-protocol, reasons: [unsupported-protocol],"
              + " failures: 3, within: 1h, spread: 0s, rung: legacy}]",
          "settle: 200ms");

  private final Lab lab;
  private final Path output;
  private final List<RunningTlswaiver> started = new ArrayList<>();

  private ReleaseHost(Lab lab) throws IOException {
    this.lab = lab;
    this.output = Files.createTempDirectory("tlswaiver-release");
  }

  static ReleaseHost up(Release release) throws IOException, InterruptedException {
    Lab lab = Lab.up("--release", Debian.installed(release.label()).toString());
    try {
      ReleaseHost host = new ReleaseHost(lab);
      host.install();
      return host;
    } catch (IOException failure) {
      lab.close();
      throw failure;
    }
  }

  private void install() throws IOException {
    Path jar = lab.root().resolve("usr/share/tlswaiver/tlswaiver.jar");
    Files.createDirectories(jar.getParent());
    Files.copy(Path.of("target/tlswaiver.jar"), jar);
    configure();
  }

  /** Writes the configuration file; lines replace ours with the same first word. */
  void configure(String... lines) throws IOException {
    Path file = lab.root().resolve("etc/tlswaiver/tlswaiver.yaml");
    Files.createDirectories(file.getParent());
    List<String> all = new ArrayList<>(Arrays.asList(lines));
    QUICK.stream()
        .filter(line -> Stream.of(lines).noneMatch(other -> key(other).equals(key(line))))
        .forEach(all::add);
    Files.write(file, all);
  }

  private static String key(String line) {
    return line.substring(0, line.indexOf(':'));
  }

  Lab lab() {
    return lab;
  }

  /** Starts {@code tlswaiver run}. */
  RunningTlswaiver run(String... more) throws IOException {
    RunningTlswaiver agent =
        RunningTlswaiver.start(
            lab.hostCommand(tlswaiverCommand("run", more)),
            Map.of(),
            output.resolve("agent-" + started.size() + ".out"));
    started.add(agent);
    return agent.awaitStart();
  }

  /** Runs another command, which must succeed; what it printed. */
  String tlswaiver(String command, String... more) {
    return lab.onHost(tlswaiverCommand(command, more).toArray(String[]::new));
  }

  private static List<String> tlswaiverCommand(String command, String... more) {
    return Stream.concat(
            Stream.of("java", "-jar", "/usr/share/tlswaiver/tlswaiver.jar", command),
            Arrays.stream(more))
        .toList();
  }

  /** Puts a script in front of a program of the host. {@code $REAL} is the program behind it. */
  void disguise(String program, String script) throws IOException {
    String real = lab.onHost("sh", "-c", "command -v " + program).strip();
    Path file = disguised(program);
    Files.writeString(file, "#!/bin/sh\nREAL=" + real + "\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  void undisguise(String program) throws IOException {
    Files.delete(disguised(program));
  }

  private Path disguised(String program) {
    return lab.root().resolve("usr/local/sbin").resolve(program);
  }

  @Override
  public void close() throws IOException {
    started.forEach(RunningTlswaiver::kill);
    lab.close();
    try (Stream<Path> files = Files.walk(output)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
