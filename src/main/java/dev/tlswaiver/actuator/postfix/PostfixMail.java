package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.FileEdit;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.MailChange;
import dev.tlswaiver.actuator.MailChange.Table;
import dev.tlswaiver.actuator.MailSystem;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Programs.Result;
import dev.tlswaiver.actuator.Redirect;
import dev.tlswaiver.actuator.RejectedException;
import dev.tlswaiver.actuator.Settings;
import dev.tlswaiver.actuator.Stage;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Rung;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Postfix instance of one configuration directory. */
public final class PostfixMail implements MailSystem {
  private static final List<String> INDEX_SUFFIXES =
      List.of(".db", ".lmdb", ".cdb", ".pag", ".dir");

  /** Is there where systemd is process 1: sd_booted(3). */
  private static final Path SYSTEMD = Path.of("/run/systemd/system");

  /** The configuration directory of the instance that postfix.service runs. */
  private static final Path MAIN_INSTANCE = Path.of("/etc/postfix");

  private static final Path IPV6_ADDRESSES = Path.of("/proc/net/if_inet6");

  private static final int USUAL_PORT = 25;
  private static final Duration SETTLE = Duration.ofSeconds(15);
  private static final Duration POLL = Duration.ofMillis(50);

  private final Settings settings;
  private final Programs programs;
  private final MainFile main;
  private final RelaxedKey key;

  public PostfixMail(Settings settings, Programs programs) {
    this.settings = settings;
    this.programs = programs;
    this.main = new MainFile(programs, settings.configDirectory());
    this.key = new RelaxedKey(settings.stateDirectory(), programs, InstantSource.system());
  }

  @Override
  public void prepare() throws HostException {
    keep();
    health(); // The first handshake of a JVM takes its time; not while a sender waits.
  }

  @Override
  public void keep() throws HostException {
    MasterFile master = MasterFile.read(directory());
    PublicService service = service(master);
    service.refuseProxied(master, main);
    key.ensure(strict(service));
  }

  private Path directory() {
    return settings.configDirectory();
  }

  String parameter(String name) throws HostException {
    return main.value(name);
  }

  private PublicService service(MasterFile master) throws HostException {
    return PublicService.find(master, settings.publicService(), main);
  }

  private TlsParameters strict(PublicService service) throws HostException {
    return TlsParameters.read(programs, directory(), service.smtpd().arguments());
  }

  /** The number of the user whom the daemons run as; empty where there is no Postfix. */
  public Optional<Integer> daemonUser() throws HostException {
    Result owner = programs.run("postconf", "-c", directory().toString(), "-xh", "mail_owner");
    if (!owner.isGood()) {
      return Optional.empty();
    }
    Result number = programs.run("id", "-u", "--", owner.out().strip());
    return number.isGood() ? Optional.of(Integer.parseInt(number.out().strip())) : Optional.empty();
  }

  /** The port that faces the Internet. */
  public int publicPort() throws HostException {
    return number(service(MasterFile.read(directory())));
  }

  /** The addresses of this host on which another server answers on the public port. */
  public Set<String> othersOnPublicPort() throws HostException {
    PublicService service = service(MasterFile.read(directory()));
    return SharedPort.others(service, main, number(service));
  }

  /** What this Postfix calls itself. */
  public String hostName() throws HostException {
    return parameter("myhostname");
  }

  /** Postfix's own log file; empty where it writes to syslog. */
  public Optional<Path> maillogFile() throws HostException {
    Result result = programs.run("postconf", "-c", directory().toString(), "-h", "maillog_file");
    return result.isGood() && result.out().startsWith("/")
        ? Optional.of(Path.of(result.out().strip()))
        : Optional.empty();
  }

  @Override
  public MailChange plan(Collection<Grant> grants) throws HostException {
    MasterFile master = MasterFile.read(directory());
    Map<Rung, TreeSet<IpPrefix>> networks = new EnumMap<>(Rung.class);
    for (Grant grant : grants) {
      networks.computeIfAbsent(grant.rung(), rung -> new TreeSet<>()).addAll(grant.networks());
    }
    List<FileEdit> edits = new ArrayList<>();
    List<Table> tables = new ArrayList<>();
    List<String> entries = new ArrayList<>();
    Map<Rung, Integer> listeners = new EnumMap<>(Rung.class);
    boolean changesCidr = false;
    boolean needsKey = false;
    int publicPort = networks.isEmpty() ? USUAL_PORT : number(service(master));
    if (!networks.isEmpty()) {
      PublicService service = service(master);
      service.refuseProxied(master, main);
      if (settings.redirect() == Redirect.NFTABLES) {
        SharedPort.refuse(service, main, publicPort);
      }
      TlsParameters strict = strict(service);
      MapTypes types = MapTypes.of(programs, main);
      List<ServiceEntry> standing = master.blockEntries();
      StrictChain chain = StrictChain.read(strict, key.file(), new OpenSsl(programs));
      Restrictions.Asked asked = Restrictions.Asked.read(main, service.smtpd());
      Optional<Gate> gate = Gate.of(master, service, main);
      for (Map.Entry<Rung, TreeSet<IpPrefix>> entry : networks.entrySet()) {
        Rung rung = entry.getKey();
        String type = types.indexed(inUse(standing, rung));
        Lookups lookups = lookups(rung, type, entry.getValue());
        edits.addAll(lookups.edits());
        tables.addAll(lookups.tables());
        changesCidr |= lookups.changesCidr();
        listeners.put(rung, settings.port(rung));
        Optional<Path> ownKey = chain.keyFor(rung);
        needsKey |= ownKey.isPresent();
        entries.add(
            new RelaxedListener(
                    rung,
                    endpoints(settings.port(rung)),
                    service.smtpd(),
                    strict,
                    ownKey,
                    Restrictions.of(asked, lookups.names()),
                    gate)
                .text());
      }
    }
    for (Rung rung : Rung.values()) {
      if (!networks.containsKey(rung)) {
        Lookups gone = noLookups(rung);
        edits.addAll(gone.edits());
        tables.addAll(gone.tables());
      }
    }
    FileEdit masterEdit =
        new FileEdit(
            directory().resolve("master.cf"),
            Optional.of(master.text()),
            Optional.of(master.withBlock(entries).text()));
    boolean changesMaster = !masterEdit.changesNothing();
    List<FileEdit> all = ordered(edits, masterEdit);
    return new MailChange(
        all,
        tables,
        changesMaster || changesCidr || (all.isEmpty() && isAnyLost(listeners.values())),
        publicPort,
        listeners,
        needsKey);
  }

  /** Whether Postfix runs, and yet serves not each of these ports: it has not read master.cf. */
  private boolean isAnyLost(Collection<Integer> ports) throws HostException {
    try {
      return !ListeningPorts.now().containsAll(ports) && isRunning();
    } catch (IOException unknown) {
      return false;
    }
  }

  /** Tables are there before master.cf names them, and go after it has stopped. */
  private static List<FileEdit> ordered(List<FileEdit> tables, FileEdit master) {
    List<FileEdit> ordered = new ArrayList<>();
    tables.stream().filter(edit -> edit.next().isPresent()).forEach(ordered::add);
    ordered.add(master);
    tables.stream().filter(edit -> edit.next().isEmpty()).forEach(ordered::add);
    return ordered.stream().filter(edit -> !edit.changesNothing()).toList();
  }

  /**
   * Where a relaxed listener listens. A redirect leads to the first address of the interface that
   * the peer came in by, and Postfix may have been told of another one alone: then it is every
   * address, which the guard in the firewall closes for everybody else.
   */
  private List<String> endpoints(int port) throws HostException {
    if (parameter("inet_interfaces").equals("all")) {
      return List.of(Integer.toString(port));
    }
    List<String> endpoints = new ArrayList<>();
    if (usesProtocol("ipv4")) {
      endpoints.add("0.0.0.0:" + port);
    }
    // Binding to what the kernel lacks would kill master(8).
    if (usesProtocol("ipv6") && hasIpv6()) {
      endpoints.add("[::]:" + port);
    }
    return endpoints;
  }

  private boolean usesProtocol(String family) throws HostException {
    return List.of(parameter("inet_protocols").split("[\\s,]+")).stream()
        .anyMatch(word -> word.equals("all") || word.equals(family));
  }

  private static boolean hasIpv6() {
    try {
      return !Files.readString(IPV6_ADDRESSES).isBlank();
    } catch (IOException without) {
      return false;
    }
  }

  private static int number(PublicService service) throws HostException {
    return number(service.entries().get(0).port());
  }

  private static int number(String port) throws HostException {
    if (port.equals("smtp")) {
      return USUAL_PORT;
    }
    try {
      return Integer.parseInt(port);
    } catch (NumberFormatException name) {
      throw new HostException("master.cf: the port '" + port + "' is not a number", name);
    }
  }

  /** A rung's tables, and how the listener names them. */
  private record Lookups(
      List<FileEdit> edits, List<Table> tables, List<String> names, boolean changesCidr) {}

  private Path source(Rung rung) {
    return directory().resolve("tlswaiver-" + rung.label());
  }

  private Path cidrSource(Rung rung) {
    return directory().resolve("tlswaiver-" + rung.label() + ".cidr");
  }

  /** What an operator who redirects peers by other means reads; nobody else needs it. */
  private FileEdit addressEdit(Rung rung, Optional<Collection<IpPrefix>> networks)
      throws HostException {
    return edit(
        directory().resolve("tlswaiver-" + rung.label() + ".addresses"),
        networks.filter(own -> settings.redirect() == Redirect.NONE).map(AccessTable::addresses));
  }

  private Lookups lookups(Rung rung, String type, Collection<IpPrefix> networks)
      throws HostException {
    boolean isIndexed = MapTypes.isIndexed(type);
    AccessTable access = AccessTable.of(networks);
    Optional<String> cidr =
        isIndexed ? access.cidr() : Optional.of(AccessTable.allAsCidr(networks));
    FileEdit indexedEdit =
        edit(source(rung), isIndexed ? Optional.of(access.indexed()) : Optional.empty());
    FileEdit cidrEdit = edit(cidrSource(rung), cidr);
    List<String> names = new ArrayList<>();
    if (isIndexed) {
      names.add(type + ":$config_directory/" + source(rung).getFileName());
    }
    if (cidr.isPresent()) {
      names.add("cidr:$config_directory/" + cidrSource(rung).getFileName());
    }
    return new Lookups(
        List.of(indexedEdit, cidrEdit, addressEdit(rung, Optional.of(networks))),
        isIndexed && (!indexedEdit.changesNothing() || !isBuilt(source(rung)))
            ? List.of(new Table(type, source(rung)))
            : List.of(),
        names,
        !cidrEdit.changesNothing());
  }

  /** Whether postmap(1) has made a table from this source, and somebody has not taken it away. */
  private static boolean isBuilt(Path source) {
    return INDEX_SUFFIXES.stream().anyMatch(suffix -> Files.exists(index(source, suffix)));
  }

  private static Path index(Path source, String suffix) {
    return source.resolveSibling(source.getFileName() + suffix);
  }

  /** The type of the table that a rung's listener has now; a table is not built twice for it. */
  private Optional<String> inUse(List<ServiceEntry> standing, Rung rung) {
    Pattern lookup =
        Pattern.compile(
            "check_client_access,([a-z]+):[^,]*/" + source(rung).getFileName() + "(?:,|$)");
    return standing.stream()
        .flatMap(entry -> entry.overrides().values().stream())
        .map(lookup::matcher)
        .filter(Matcher::find)
        .map(matcher -> matcher.group(1))
        .findFirst();
  }

  private Lookups noLookups(Rung rung) throws HostException {
    FileEdit indexedEdit = edit(source(rung), Optional.empty());
    FileEdit cidrEdit = edit(cidrSource(rung), Optional.empty());
    return new Lookups(
        List.of(indexedEdit, cidrEdit, addressEdit(rung, Optional.empty())),
        indexedEdit.changesNothing()
            ? List.of()
            // Its type counts if the removal is rolled back.
            : List.of(
                new Table(
                    MapTypes.of(programs, main)
                        .indexed(inUse(MasterFile.read(directory()).blockEntries(), rung)),
                    source(rung))),
        List.of(),
        false);
  }

  private static FileEdit edit(Path file, Optional<String> next) throws HostException {
    return new FileEdit(file, FileEdit.read(file), next);
  }

  @Override
  public List<String> commands(MailChange change) {
    List<String> commands = new ArrayList<>();
    if (change.needsKey() && !key.exists()) {
      commands.add(key.command());
    }
    change.tables().stream()
        .filter(table -> isKept(change, table))
        .forEach(table -> commands.add("postmap " + table));
    if (change.reload()) {
      commands.add("postfix -c " + directory() + " reload");
    }
    return commands;
  }

  private static boolean isKept(MailChange change, Table table) {
    return change.edits().stream()
        .noneMatch(edit -> edit.file().equals(table.source()) && edit.next().isEmpty());
  }

  @Override
  public void stage(MailChange change, Path staged) throws HostException {
    if (change.needsKey()) {
      key.ensure(strict(service(MasterFile.read(directory()))));
    }
    try {
      copy(directory(), staged);
    } catch (IOException failure) {
      throw new RejectedException(
          Stage.STAGE, "a copy of " + directory() + " can't be made in " + staged + ": " + failure);
    }
    for (FileEdit edit : change.edits()) {
      write(staged.resolve(edit.file().getFileName()), edit.next());
    }
  }

  /** The copy is our own: what Postfix reads is written by {@link FileEdit} alone. */
  private static void write(Path file, Optional<String> contents) throws HostException {
    try {
      if (contents.isPresent()) {
        Files.writeString(file, contents.get(), StandardCharsets.ISO_8859_1);
      } else {
        Files.deleteIfExists(file);
      }
    } catch (IOException failure) {
      throw new RejectedException(Stage.STAGE, file + " can't be written: " + failure);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(to.resolve(from.relativize(folder).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile() || Files.isRegularFile(file)) {
              // Postfix waits for a file that was changed within the last second or so to settle.
              Files.copy(
                  file,
                  to.resolve(from.relativize(file).toString()),
                  StandardCopyOption.COPY_ATTRIBUTES);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Override
  public void validate(MailChange change, Path staged) throws HostException {
    if (!isRunning()) {
      throw new RejectedException(
          Stage.PROBE,
          "Postfix is not running, and tlswaiver never starts a stopped one;"
              + " start it with: postfix -c "
              + directory()
              + " start");
    }
    validateSyntax(staged);
    for (Table table : change.tables()) {
      if (isKept(change, table)) {
        Path copy = staged.resolve(table.source().getFileName());
        good(
            Stage.POSTMAP,
            programs.run("postmap", "-c", staged.toString(), table.type() + ":" + copy));
      }
    }
    validatePorts(change);
    if (change.reload()) {
      validateServices(staged);
    }
  }

  private static void good(Stage stage, Result result) throws RejectedException {
    if (!result.isGood()) {
      throw new RejectedException(
          stage, stage.label() + " rejected the staged configuration: " + result.said());
    }
  }

  /** Warnings that the live configuration gives too are the operator's, and no reason to refuse. */
  private void validateSyntax(Path staged) throws HostException {
    for (String request : List.of("-n", "-M")) {
      Result result = programs.run("postconf", "-c", staged.toString(), request);
      good(Stage.POSTCONF, result);
      Result live = programs.run("postconf", "-c", directory().toString(), request);
      Set<String> known = lines(live.err(), directory());
      Set<String> fresh = lines(result.err(), staged);
      fresh.removeAll(known);
      if (!fresh.isEmpty()) {
        throw new RejectedException(
            Stage.POSTCONF,
            "postconf rejected the staged configuration: " + String.join("; ", fresh));
      }
    }
  }

  private static Set<String> lines(String text, Path directory) {
    Set<String> lines = new TreeSet<>();
    text.lines().map(line -> line.replace(directory.toString(), "DIR")).forEach(lines::add);
    return lines;
  }

  /** A reload with a taken port kills master(8), and all mail with it. */
  private void validatePorts(MailChange change) throws HostException {
    List<ServiceEntry> ours = MasterFile.read(directory()).blockEntries();
    for (Map.Entry<Rung, Integer> listener : change.listeners().entrySet()) {
      int port = listener.getValue();
      boolean isOurs = ours.stream().anyMatch(entry -> entry.port().equals(Integer.toString(port)));
      if (!isOurs && ListeningPorts.isTaken(port)) {
        throw new RejectedException(
            Stage.PORT,
            "port "
                + port
                + " of the rung "
                + listener.getKey().label()
                + " is taken by another program; give the rung another port in the ladder");
      }
    }
  }

  /** Each relaxed smtpd(8), stand-alone: the only judge of protocol lists, keys and tables. */
  private void validateServices(Path staged) throws HostException {
    MasterFile master = MasterFile.read(staged);
    ServiceEntry strict = service(MasterFile.read(directory())).smtpd();
    Set<String> usual = complaints(directory(), strict.arguments());
    for (ServiceEntry entry : master.blockEntries()) {
      if (!entry.command().equals("smtpd")) {
        continue; // The gate's daemons know no life outside of master(8).
      }
      Set<String> fresh = complaints(staged, entry.arguments());
      fresh.removeAll(usual);
      if (!fresh.isEmpty()) {
        throw new RejectedException(
            Stage.SMTPD,
            "smtpd rejected the relaxed listener "
                + entry.name()
                + ": "
                + String.join("; ", fresh));
      }
      refuseWorthless(staged, entry);
    }
    Result ciphers = programs.run("openssl", "ciphers", RelaxedListener.WIDEST_CIPHERS);
    good(Stage.SMTPD, ciphers);
  }

  /** Whatever main.cf says, and whatever we wrote: what the listener would offer is looked at. */
  private void refuseWorthless(Path staged, ServiceEntry entry) throws HostException {
    TlsParameters parameters = TlsParameters.read(programs, staged, entry.arguments());
    if (!parameters.offersTls()) {
      return;
    }
    List<String> worthless = new OpenSsl(programs).worthless(parameters.cipherList().orElse(""));
    boolean hasSslv2 =
        parameters.protocolList().filter(list -> list.admits(ProtocolList.SSL_2)).isPresent();
    if (!worthless.isEmpty() || hasSslv2) {
      throw new RejectedException(
          Stage.SMTPD,
          "the relaxed listener "
              + entry.name()
              + " would offer "
              + (worthless.isEmpty() ? "SSLv2" : String.join(", ", worthless))
              + ", which no waiver is worth; this is a defect of tlswaiver, please report it with"
              + " the output of: postconf -c "
              + directory()
              + " -n");
    }
  }

  private Set<String> complaints(Path configuration, List<String> arguments) throws HostException {
    List<String> command = new ArrayList<>();
    command.add(parameter("daemon_directory") + "/smtpd");
    command.add("-S");
    command.add("-V");
    arguments.forEach(argument -> command.add(ServiceEntry.bare(argument)));
    Result result =
        programs.run(
            command, Map.of("MAIL_CONFIG", configuration.toString()), "QUIT\r\n", Programs.USUAL);
    Set<String> complaints = new TreeSet<>();
    result
        .err()
        .lines()
        .filter(line -> line.matches(".*(?:fatal|panic|error|warning): .*"))
        .map(line -> line.replaceFirst("^\\S+: ", "").replace(configuration.toString(), "DIR"))
        .forEach(complaints::add);
    return complaints;
  }

  @Override
  public String restored(Path file, String now, String before) throws HostException {
    return file.equals(directory().resolve("master.cf"))
        ? new MasterFile(now).withBlockOf(new MasterFile(before)).text()
        : before;
  }

  @Override
  public void build(Table table) throws HostException {
    if (Files.exists(table.source())) {
      programs.output("postmap", "-c", directory().toString(), table.toString());
      return;
    }
    for (String suffix : INDEX_SUFFIXES) {
      FileEdit.delete(index(table.source(), suffix));
    }
  }

  @Override
  public void reload() throws HostException {
    programs.output("postfix", "-c", directory().toString(), "reload");
    Gate.sweep(main);
  }

  @Override
  public boolean isRunning() throws HostException {
    return programs.run("postfix", "-c", directory().toString(), "status").isGood();
  }

  /**
   * Left to systemd where it runs Postfix: our own child would live in our sandbox, and our unit.
   */
  @Override
  public void start() throws HostException {
    boolean isSystemds = Files.isDirectory(SYSTEMD) && directory().equals(MAIN_INSTANCE);
    if (isSystemds
        && programs.run("systemctl", "start", "postfix.service").isGood()
        && isRunning()) {
      return;
    }
    programs.output("postfix", "-c", directory().toString(), "start");
  }

  @Override
  public Health health() throws HostException {
    boolean negotiates = true;
    for (ServiceEntry entry : service(MasterFile.read(directory())).entries()) {
      try {
        SmtpProbe.Seen seen = SmtpProbe.look(address(entry.host(), number(entry.port())));
        negotiates &= !seen.protocol().isEmpty();
      } catch (IOException silent) {
        return new Health(false, false, logSize());
      }
    }
    return new Health(true, negotiates, logSize());
  }

  private InetSocketAddress address(Optional<String> host, int port) throws HostException {
    String first = parameter("inet_interfaces").split("[\\s,]+")[0];
    boolean isOnLoopback = first.equals("all") || first.equals("loopback-only");
    String loopback = usesProtocol("ipv4") ? "127.0.0.1" : "::1";
    String name = host.orElse(isOnLoopback ? loopback : first);
    try {
      return new InetSocketAddress(InetAddress.getByName(name), port);
    } catch (UnknownHostException unknown) {
      throw new HostException("inet_interfaces names an unknown host: " + name, unknown);
    }
  }

  @Override
  public void probe(Health before, MailChange change) throws HostException {
    if (!isRunning()) {
      throw new HostException("Postfix has stopped running");
    }
    Health now = before.answers() ? health() : before;
    if (before.answers() && !now.answers()) {
      throw new HostException("port " + change.publicPort() + " does not answer any more");
    }
    if (before.negotiates() && !now.negotiates()) {
      throw new HostException(
          "port " + change.publicPort() + " does not complete a TLS handshake any more");
    }
    for (Map.Entry<Rung, Integer> listener : change.listeners().entrySet()) {
      probe(listener.getKey(), listener.getValue());
    }
    Optional<String> trouble = trouble(before.logSize());
    if (trouble.isPresent()) {
      throw new HostException("Postfix logged: " + trouble.get());
    }
  }

  /** After a reload a new listener takes a moment to come up. */
  private void probe(Rung rung, int port) throws HostException {
    long deadline = System.nanoTime() + SETTLE.toNanos();
    while (true) {
      try {
        // The listener is on every address, if Postfix is not.
        String loopback = usesProtocol("ipv4") ? "127.0.0.1" : "::1";
        SmtpProbe.Seen seen = SmtpProbe.look(address(Optional.of(loopback), port));
        boolean isPlaintext = rung == Rung.PLAINTEXT;
        if (seen.offers() == isPlaintext) {
          throw new HostException(
              "the relaxed listener on port "
                  + port
                  + (isPlaintext ? " offers STARTTLS" : " does not offer STARTTLS"));
        }
        if (!isPlaintext && seen.protocol().isEmpty()) {
          throw new HostException(
              "the relaxed listener on port " + port + " does not complete a TLS handshake");
        }
        return;
      } catch (IOException silent) {
        if (System.nanoTime() > deadline) {
          throw new HostException(
              "the relaxed listener on port " + port + " does not answer: " + silent.getMessage(),
              silent);
        }
      }
      pause();
    }
  }

  private static void pause() throws HostException {
    try {
      Thread.sleep(POLL.toMillis());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new HostException("interrupted", stopped);
    }
  }

  private long logSize() throws HostException {
    try {
      Optional<Path> log = maillogFile();
      return log.isPresent() && Files.isReadable(log.get()) ? Files.size(log.get()) : 0;
    } catch (IOException gone) {
      return 0;
    }
  }

  /** The first line of trouble that Postfix wrote since its log had this size. */
  private Optional<String> trouble(long since) throws HostException {
    Optional<Path> log = maillogFile();
    if (log.isEmpty() || !Files.isReadable(log.get())) {
      return Optional.empty();
    }
    try (RandomAccessFile file = new RandomAccessFile(log.get().toFile(), "r")) {
      return LoggedTrouble.first(file, since);
    } catch (IOException gone) {
      return Optional.empty();
    }
  }
}
