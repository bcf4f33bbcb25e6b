package dev.tlswaiver.lab;

import dev.tlswaiver.lab.Commands.Ended;
import dev.tlswaiver.peer.IpPrefix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A strict Postfix with senders around it, until it is closed. */
public final class Lab implements AutoCloseable {
  /** An old sender: TLS 1.0 at most. */
  public static final String OLD = "mta1.oldbank.example";

  /** Another host of the same domain, in the same network. */
  public static final String OLD_TOO = "mta2.oldbank.example";

  /** A sender that knows TLS 1.2, but only with static RSA. */
  public static final String STATIC_RSA = "relay.static-rsa.example";

  public static final String MODERN = "mail.modern.example";

  /** An old sender that nobody helps. */
  public static final String UNLISTED = "legacy.elsewhere.example";

  /** An address without a name. */
  public static final String NAMELESS = "203.0.113.66";

  /** The ports of the rungs. */
  public static final int CIPHERS = 10126;

  public static final int LEGACY = 10127;

  /** Nobody is asked what it offers. */
  public static final String DIRECTLY = "ladder: [{rung: diagnose, enabled: false, port: 10124}]";

  /** Peers are asked what they offer before anything is relaxed for them. */
  public static final String ASKING = "ladder: [{rung: diagnose, enabled: true, port: 10124}]";

  /** Long enough for a machine on which several laboratories are busy. */
  static final Duration DEADLINE = Duration.ofSeconds(90);

  private final Path folder;
  private final Path directory;
  private final List<RunningTlswaiver> started = new ArrayList<>();

  /** Whether an agent is without power, and a hand beside it has that. */
  private boolean isApart = Boolean.getBoolean("tlswaiver.lab.apart");

  private Optional<RunningTlswaiver> hand = Optional.empty();

  private Lab(Path folder) {
    this.folder = folder;
    this.directory = folder.resolve("lab");
  }

  /**
   * Builds one.
   *
   * @param options of {@code lab.sh up}
   */
  public static Lab up(String... options) throws IOException {
    Lab lab = new Lab(Files.createTempDirectory("tlswaiver-lab"));
    // smtpd(8) gives up root and must still be able to walk to its files.
    Files.setPosixFilePermissions(lab.folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    try {
      lab.must(
          Stream.concat(Stream.of("up", lab.directory.toString()), Arrays.stream(options))
              .toArray(String[]::new));
      return lab;
    } catch (AssertionError failure) {
      lab.close();
      throw failure;
    }
  }

  private Ended script(String... arguments) {
    List<String> command = new ArrayList<>(List.of("examples/lab.sh"));
    command.addAll(Arrays.asList(arguments));
    return Commands.run(command, Map.of());
  }

  private String must(String... arguments) {
    Ended ended = script(arguments);
    if (ended.exit() != 0) {
      throw new AssertionError("lab.sh " + String.join(" ", arguments) + ": " + ended.output());
    }
    return ended.output();
  }

  /** Delivers a mail. The queue id if it was accepted. */
  public Optional<String> send(String host, String protocol, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("send", directory.toString(), host, "--protocol", protocol));
    arguments.addAll(Arrays.asList(more));
    Ended ended = script(arguments.toArray(String[]::new));
    return ended.exit() == 0 ? Optional.of(ended.output().strip()) : Optional.empty();
  }

  /** Three failures of an old sender, as a rule asks for. */
  public void failThreeTimes(String host, String protocol) {
    for (int i = 0; i < 3; i++) {
      if (send(host, protocol).isPresent()) {
        throw new AssertionError(host + " should have been refused");
      }
    }
  }

  public boolean canConnect(String host, int port) {
    return script("connect", directory.toString(), host, Integer.toString(port)).exit() == 0;
  }

  /** Runs a program on the mail host. */
  public String onHost(String... command) {
    return must(onHostArguments(command));
  }

  /** Runs a program on the mail host; what it printed, however it ended. */
  public String outputOnHost(String... command) {
    return script(onHostArguments(command)).output();
  }

  /** Runs a program where the senders are. */
  public CommandResult onSenders(List<String> command) {
    List<String> arguments = new ArrayList<>(List.of("exec", directory.toString(), "senders"));
    arguments.addAll(command);
    Ended ended = script(arguments.toArray(String[]::new));
    return new CommandResult(ended.exit(), ended.output());
  }

  /** Gives the senders another address, with a name that Postfix verifies. */
  public void addHost(String address, String name) throws IOException {
    addAddresses(List.of(address));
    Files.writeString(hosts(), address + " " + name + "\n", StandardOpenOption.APPEND);
  }

  /** Gives the senders more addresses. */
  public void addAddresses(List<String> addresses) throws IOException {
    Path batch = folder.resolve("addresses");
    Files.write(
        batch,
        addresses.stream()
            .map(
                address ->
                    "address add "
                        + IpPrefix.parse(address)
                        + " dev wire"
                        + (address.contains(":") ? " nodad" : ""))
            .toList());
    must("exec", directory.toString(), "senders", "ip", "-batch", batch.toString());
  }

  /** Delivers a mail from any address that the senders have, as swaks(1) is told to. */
  public boolean sendFrom(String address, String name, String... swaks) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "timeout",
                "40",
                "swaks",
                "--server",
                server(address),
                "--timeout",
                "20",
                "--local-interface",
                address,
                "--helo",
                name,
                "--from",
                "postmaster@" + name,
                "--to",
                "postmaster@strict.example"));
    command.addAll(Arrays.asList(swaks));
    return onSenders(command).exit() == 0;
  }

  private static String server(String address) {
    return address.contains(":") ? "2001:db8:0:25::25" : "192.0.2.25";
  }

  /**
   * One handshake from each of these addresses, which are of one kind, and no mail.
   *
   * @param protocol as Java spells it
   * @return how many were completed
   */
  public long visit(String protocol, List<String> addresses) {
    List<String> command = new ArrayList<>(RunningTlswaiver.java("dev.tlswaiver.lab.Visitors"));
    command.add(server(addresses.get(0)));
    command.add(protocol);
    command.addAll(addresses);
    CommandResult visits = onSenders(command);
    if (visits.exit() != 0) {
      throw new AssertionError("not all have come: " + visits.output());
    }
    return visits.output().lines().filter(line -> line.endsWith(" completed")).count();
  }

  /** What the agent's status server answers; empty where nobody listens. */
  public String get(String path) {
    return onHost(
        "perl",
        "-MIO::Socket::INET",
        "-e",
        "my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1:9719') or exit 0;"
            + "print $s \"GET $ARGV[0] HTTP/1.0\\r\\n\\r\\n\"; print <$s>;",
        path);
  }

  private String[] onHostArguments(String... command) {
    return Stream.concat(Stream.of("exec", directory.toString(), "mx"), Arrays.stream(command))
        .toArray(String[]::new);
  }

  /** A command line that runs a program on the mail host. */
  public List<String> hostCommand(List<String> command) {
    return commandIn("mx", command);
  }

  private List<String> commandIn(String side, List<String> command) {
    List<String> line =
        new ArrayList<>(List.of("examples/lab.sh", "exec", directory.toString(), side));
    line.addAll(command);
    return line;
  }

  /** Starts a program where the senders are; it runs until it is killed, or the laboratory ends. */
  public RunningTlswaiver startOnSenders(List<String> command) throws IOException {
    RunningTlswaiver program =
        RunningTlswaiver.start(
            commandIn("senders", command),
            Map.of(),
            folder.resolve("program-" + started.size() + ".out"));
    started.add(program);
    return program;
  }

  /** Writes a configuration for this laboratory; lines replace ours with the same first word. */
  public Path configure(String... lines) throws IOException {
    Map<String, String> keys = new LinkedHashMap<>();
    Stream.concat(
            Stream.of(
                "mode: enforce",
                // Some releases have postlog(1) setgid; ForgedLogIT is about whose lines count.
                "log: {source: file, path: " + maillog() + ", trust: file}",
                "postfix: {config_directory: " + postfix() + "}",
                "rules: [{name: no-shared-cipher, reasons: [no-shared-cipher], failures: 3,"
                    + " within: 1h, spread: 0s, rung: ciphers},"
                    + " {name: old-protocol, reasons: [unsupported-protocol], failures: 3,"
                    + " within: 1h, spread: 0s, rung: legacy}]",
                // The story of a waiver alone; DiagnosisIT has the one of the question before it.
                DIRECTLY,
                "settle: 200ms",
                "state_directory: " + state(),
                "control_socket: " + folder.resolve("control.sock")),
            Arrays.stream(lines))
        .forEach(line -> keys.put(line.substring(0, line.indexOf(':')), line));
    if (isApart) {
      keys.put("hand", "hand: " + handSocket());
    }
    Path file = configuration();
    Files.writeString(file, String.join("\n", keys.values()) + "\n");
    return file;
  }

  /** The file that {@link #configure} writes. */
  public Path configuration() {
    return folder.resolve("tlswaiver.yaml");
  }

  public Path maillog() {
    return directory.resolve("maillog");
  }

  public Path postfix() {
    return directory.resolve("postfix");
  }

  /** The root of a mail host that is a release of its own. */
  public Path root() {
    return directory.resolve("root");
  }

  /** The names that Postfix verifies on the mail host; what is added there counts at once. */
  public Path hosts() {
    String mailHost = must("status", directory.toString()).split("\\s")[0];
    return Path.of("/etc/netns", mailHost, "hosts");
  }

  /** A resolver for the mail host, which answers as the file says that {@link NameServer} reads. */
  public RunningTlswaiver resolve(Path zones) throws IOException {
    List<String> command = new ArrayList<>(RunningTlswaiver.java("dev.tlswaiver.lab.NameServer"));
    command.add(zones.toString());
    RunningTlswaiver server =
        RunningTlswaiver.start(
            hostCommand(command), Map.of(), folder.resolve("resolver-" + started.size() + ".out"));
    started.add(server);
    return server.await("answering");
  }

  public Path state() {
    return folder.resolve("state");
  }

  /** Where the agent is an ordinary user, who is to have it without power. */
  public static final String USER = "nobody";

  /** Divides the agents that are configured from now on in two processes. */
  public Lab apart() {
    isApart = true;
    return this;
  }

  public Path handSocket() {
    return folder.resolve("hand.sock");
  }

  /** The directory that is the hand's alone. */
  public Path handState() {
    return folder.resolve("state-hand");
  }

  /** Starts the privileged process. */
  public RunningTlswaiver runHand() throws IOException {
    Files.createDirectories(
        handState(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.createDirectories(state());
    for (Path own : List.of(folder, state())) {
      Files.setOwner(
          own, own.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER));
    }
    List<String> command = new ArrayList<>(RunningTlswaiver.java());
    command.addAll(
        List.of(
            "hand",
            "--config",
            configuration().toString(),
            "--socket",
            handSocket().toString(),
            "--user",
            USER));
    RunningTlswaiver running =
        RunningTlswaiver.start(
            hostCommand(command),
            RunningTlswaiver.environment(this),
            folder.resolve("hand-" + started.size() + ".out"));
    started.add(running);
    hand = Optional.of(running);
    await("the hand", () -> Files.exists(handSocket()));
    return running;
  }

  /** The privileged process. */
  public RunningTlswaiver hand() {
    return hand.orElseThrow();
  }

  /**
   * How a program is started for the agent's user: with no power but to read what the classes under
   * test and the log are in.
   */
  List<String> withoutPower() {
    return isApart
        ? List.of(
            "setpriv",
            "--reuid=" + USER,
            "--regid=65534",
            "--clear-groups",
            "--inh-caps=-all,+dac_read_search",
            "--ambient-caps=-all,+dac_read_search",
            "--bounding-set=-all,+dac_read_search",
            "--no-new-privs")
        : List.of();
  }

  /** Runs a program on the mail host as the agent's user. */
  public CommandResult asAgent(List<String> command) throws IOException {
    List<String> line = new ArrayList<>(withoutPower());
    line.addAll(command);
    Ended ended = Commands.run(hostCommand(line), RunningTlswaiver.environment(this));
    return new CommandResult(ended.exit(), ended.output());
  }

  /** A folder whose programs come first in the PATH of an agent. */
  public Path programs() throws IOException {
    return Files.createDirectories(folder.resolve("programs"));
  }

  /** Puts a script in front of a program of the host. {@code $REAL} is the program behind it. */
  public void disguise(String program, String script) throws IOException {
    Path real = Path.of(onHost("sh", "-c", "command -v " + program).strip());
    Path file = programs().resolve(program);
    Files.writeString(file, "#!/bin/sh\nREAL=" + real + "\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Starts {@code tlswaiver run} on the mail host. */
  public RunningTlswaiver run(Path configuration, String... more) throws IOException {
    if (isApart && hand.filter(RunningTlswaiver::isAlive).isEmpty()) {
      runHand();
    }
    RunningTlswaiver agent =
        RunningTlswaiver.start(
            this, folder.resolve("agent-" + started.size() + ".out"), configuration, more);
    started.add(agent);
    return agent;
  }

  /** The same by a clock that {@link #setClockForward} sets. */
  public RunningTlswaiver runByClock(Path configuration) throws IOException {
    setClockForward(Duration.ZERO);
    RunningTlswaiver agent =
        RunningTlswaiver.startByClock(
            this, folder.resolve("agent-" + started.size() + ".out"), configuration, ahead());
    started.add(agent);
    return agent;
  }

  /** So far before the machine's. */
  public void setClockForward(Duration duration) throws IOException {
    Path written = Files.writeString(folder.resolve("ahead.new"), duration.toString());
    Files.move(written, ahead(), StandardCopyOption.ATOMIC_MOVE);
  }

  private Path ahead() {
    return folder.resolve("ahead");
  }

  /** The same with the heap, the stack and the collector of the package. */
  public RunningTlswaiver runAsPackaged(Path configuration) throws IOException {
    RunningTlswaiver agent =
        RunningTlswaiver.startAsPackaged(
            this, folder.resolve("agent-" + started.size() + ".out"), configuration);
    started.add(agent);
    return agent;
  }

  /** Runs another command of tlswaiver on the mail host. */
  public CommandResult tlswaiver(Path configuration, String command, String... more)
      throws IOException {
    List<String> line = new ArrayList<>(RunningTlswaiver.java());
    line.add(command);
    line.addAll(List.of("--config", configuration.toString()));
    line.addAll(Arrays.asList(more));
    Ended ended = Commands.run(hostCommand(line), RunningTlswaiver.environment(this));
    return new CommandResult(ended.exit(), ended.output());
  }

  /** How a command of tlswaiver ended. */
  public record CommandResult(int exit, String output) {}

  /** All that our changes could touch: master.cf, other files' names, and the ruleset. */
  public record HostState(String master, List<String> files, String ruleset) {}

  public HostState hostState() throws IOException {
    try (Stream<Path> files = Files.list(postfix())) {
      return new HostState(
          Files.readString(postfix().resolve("master.cf"), StandardCharsets.ISO_8859_1),
          files.map(file -> file.getFileName().toString()).sorted().toList(),
          onHost("nft", "-s", "list", "ruleset").replaceAll(" (timeout|expires) [0-9a-z]+", ""));
    }
  }

  /** Whether nothing of ours is left. */
  public boolean isAsBefore(HostState before) {
    try {
      return hostState().equals(before);
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  /** Whether the host is as the ledger wants it. */
  public boolean isInOrder() {
    try {
      return tlswaiver(configuration(), "plan").exit() == 0;
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  public void stopPostfix() {
    must("stop-postfix", directory.toString());
  }

  public void startPostfix() {
    onHost("postfix", "-c", postfix().toString(), "start");
  }

  public boolean isPostfixRunning() {
    return script("status", directory.toString()).exit() == 0;
  }

  /** Waits until it is true, with a deadline. */
  public static void await(String what, BooleanSupplier condition) {
    await(what, DEADLINE, condition);
  }

  /** The same, for what takes its time. */
  public static void await(String what, Duration deadline, BooleanSupplier condition) {
    long end = System.nanoTime() + deadline.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("did not happen within " + deadline.toSeconds() + " s: " + what);
      }
      Thread.onSpinWait();
      java.util.concurrent.locks.LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
  }

  @Override
  public void close() throws IOException {
    started.forEach(RunningTlswaiver::kill);
    must("down", directory.toString());
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
