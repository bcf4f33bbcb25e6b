package dev.tlswaiver.cli;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.agent.Offline;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.control.Request;
import dev.tlswaiver.doctor.CheckupJson;
import dev.tlswaiver.doctor.Patient;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Collects what a maintainer needs, with everybody's names and addresses masked. */
@Command(
    name = "support",
    description =
        "Collect what a maintainer needs into one file, with addresses, names and mail addresses"
            + " masked. Read it before you send it.")
final class SupportCommand extends OutputCommand {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final int METRICS_MILLIS = 5_000;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description =
          "Where to write it; it must not exist (default: tlswaiver-support-TIME.tar.gz here).")
  private @Nullable Path output;

  SupportCommand(PrintStream out) {
    super(out);
  }

  /** Something that is collected. */
  @FunctionalInterface
  private interface Part {
    String text() throws Exception;
  }

  @Override
  public Integer call() throws Exception {
    Configuration configuration = configuration();
    Patient host = Offline.patient(configuration);
    Path file =
        output == null
            ? Path.of("tlswaiver-support-" + STAMP.format(host.now()) + ".tar.gz")
            : output;
    if (Files.exists(file)) {
      throw new FileAlreadyExistsException(
          file + " exists already; remove it, or name another with --output");
    }
    Map<String, String> parts = collect(configuration, host);
    Mask mask = new Mask(configuration.policy().pools().suffixes());
    SupportLog.hostNames(parts.getOrDefault("maillog.txt", "")).forEach(mask::learn);
    ownNames(host).forEach(mask::learn);
    Map<String, String> masked = new LinkedHashMap<>();
    parts.forEach((name, text) -> masked.put(name, mask.apply(text)));
    SupportBundle.write(file, masked, host.now());
    masked.forEach((name, text) -> out.println(name + "  " + text.lines().count() + " lines"));
    out.println(
        "Written to "
            + file.toAbsolutePath()
            + "; "
            + mask.size()
            + " names and addresses are masked. Read it before you send it: free text may hold"
            + " what no program knows for a name.");
    return Exit.DONE;
  }

  private Map<String, String> collect(Configuration configuration, Patient host) {
    String directory = host.settings().configDirectory().toString();
    Map<String, String> parts = new LinkedHashMap<>();
    add(parts, "versions.txt", () -> versions(host, directory));
    add(parts, "doctor.json", () -> Json.text(CheckupJson.of(Offline.examine(configuration))));
    add(parts, "tlswaiver.yaml", this::configurationText);
    add(parts, "postconf-n.txt", () -> host.programs().output("postconf", "-c", directory, "-n"));
    add(parts, "postconf-M.txt", () -> host.programs().output("postconf", "-c", directory, "-M"));
    add(parts, "master-block.txt", () -> block(host));
    add(
        parts,
        "nftables.txt",
        () -> host.programs().output("nft", "list", "table", "inet", "tlswaiver"));
    add(parts, "list.json", () -> list());
    add(parts, "maillog.txt", () -> SupportLog.last(host));
    add(parts, "quarantine.txt", () -> Offline.quarantine(configuration));
    add(parts, "metrics.txt", () -> metrics(configuration));
    return parts;
  }

  /** What can't be collected says why: that is worth knowing too. */
  private static void add(Map<String, String> parts, String name, Part part) {
    String text;
    try {
      text = part.text();
    } catch (Exception failure) {
      text = "not collected: " + failure.getMessage() + "\n";
    }
    parts.put(name, text.endsWith("\n") || text.isEmpty() ? text : text + "\n");
  }

  private static String versions(Patient host, String directory) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append("tlswaiver ").append(Version.text()).append('\n');
    text.append("java ").append(System.getProperty("java.version")).append('\n');
    text.append("kernel ").append(System.getProperty("os.version")).append('\n');
    String[][] commands = {
      {"postconf", "-c", directory, "mail_version"},
      {"openssl", "version"},
      {"nft", "--version"}
    };
    for (String[] command : commands) {
      try {
        text.append(host.programs().output(command).strip()).append('\n');
      } catch (HostException absent) {
        text.append(command[0]).append(": ").append(absent.getMessage()).append('\n');
      }
    }
    Path release = host.root().resolve("etc/os-release");
    if (Files.isReadable(release)) {
      text.append(
          Files.readAllLines(release).stream()
              .filter(line -> line.startsWith("PRETTY_NAME="))
              .collect(Collectors.joining()));
    }
    return text.toString();
  }

  /** The configuration without its comments, in which anything may stand. */
  private String configurationText() throws IOException {
    Optional<Path> file = configurationFile();
    if (file.isEmpty()) {
      return ConfigurationFile.DEFAULT + " does not exist: the defaults are in force\n";
    }
    return withoutComments(Files.readString(file.get(), StandardCharsets.UTF_8));
  }

  private static String withoutComments(String text) {
    return text.lines()
        .map(line -> line.replaceAll("(^|\\s)#.*", "").stripTrailing())
        .filter(line -> !line.isEmpty())
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }

  private static String block(Patient host) throws IOException {
    StringBuilder text = new StringBuilder();
    boolean isOurs = false;
    for (String line :
        Files.readAllLines(
            host.settings().configDirectory().resolve("master.cf"), StandardCharsets.ISO_8859_1)) {
      isOurs |= line.startsWith("# BEGIN tlswaiver");
      text.append(isOurs ? line + "\n" : "");
      isOurs &= !line.startsWith("# END tlswaiver");
    }
    return text.isEmpty() ? "master.cf has no block of tlswaiver\n" : text.toString();
  }

  private String list() throws Exception {
    return Replies.read(this, new Request.Inventory("json", true)).text();
  }

  private static String metrics(Configuration configuration) throws IOException {
    String host = configuration.status().host();
    URLConnection connection =
        URI.create(
                "http://"
                    + (host.contains(":") ? "[" + host + "]" : host)
                    + ":"
                    + configuration.status().port()
                    + "/metrics")
            .toURL()
            .openConnection();
    connection.setConnectTimeout(METRICS_MILLIS);
    connection.setReadTimeout(METRICS_MILLIS);
    try (InputStream stream = connection.getInputStream()) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** What this host calls itself, with the parts before the first dot. */
  private static Iterable<String> ownNames(Patient host) {
    java.util.List<String> names = new java.util.ArrayList<>();
    for (String[] command :
        new String[][] {
          {"postconf", "-c", host.settings().configDirectory().toString(), "-xh", "myhostname"},
          {"uname", "-n"}
        }) {
      try {
        names.add(host.programs().output(command).strip().split("\\.")[0]);
      } catch (HostException absent) {
        // Without a name nothing of it can leak.
      }
    }
    return names.stream().filter(name -> name.matches("[A-Za-z0-9_-]+")).toList();
  }
}
