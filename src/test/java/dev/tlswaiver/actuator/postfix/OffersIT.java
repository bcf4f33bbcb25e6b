package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.actuator.FileEdit;
import dev.tlswaiver.actuator.MailChange;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Redirect;
import dev.tlswaiver.actuator.Settings;
import dev.tlswaiver.handshake.CipherSuite;
import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Offer;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Sessions;
import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.maillog.SyslogParser;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Rung;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The calculation agrees with Postfix: on the public service and on each rung's listener, many
 * clients are let in exactly where the offer admits the hello that the log shows of them.
 */
final class OffersIT {
  private static final Map<Rung, Integer> PORTS =
      Map.of(
          Rung.DIAGNOSE, 10124,
          Rung.TLS12, 10125,
          Rung.CIPHERS, 10126,
          Rung.LEGACY, 10127,
          Rung.SSLV3, 10128,
          Rung.PLAINTEXT, 10129);

  /** What s_client(1) is told; a name alone is a cipher that is offered alone. */
  private static final List<String> CLIENTS =
      List.of(
          "-cipher ALL:COMPLEMENTOFALL:@SECLEVEL=0",
          "-tls1_3",
          "-tls1_2 -cipher ALL:@SECLEVEL=0",
          "-tls1_1 -cipher ALL:@SECLEVEL=0",
          "-tls1 -cipher ALL:@SECLEVEL=0",
          "-tls1_2 -fallback_scsv -cipher ALL:@SECLEVEL=0",
          "AES128-SHA",
          "CAMELLIA128-SHA256",
          "ECDHE-RSA-CHACHA20-POLY1305",
          "ECDHE-ECDSA-AES256-GCM-SHA384",
          "ADH-AES128-SHA",
          "NULL-SHA256");

  private static final List<String> MORE_CLIENTS =
      List.of(
          "-cipher DEFAULT",
          "-tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256",
          "-tls1_3 -ciphersuites TLS_AES_128_CCM_SHA256",
          "-tls1_3 -curves P-384",
          "-tls1_3 -curves ffdhe2048",
          "-tls1_2 -cipher ALL:@SECLEVEL=0 -curves P-521",
          "-tls1_2 -cipher ECDHE:@SECLEVEL=0 -curves ffdhe2048",
          "-max_protocol TLSv1.1 -min_protocol TLSv1 -cipher ALL:@SECLEVEL=0",
          "-tls1_1 -fallback_scsv -cipher ALL:@SECLEVEL=0",
          "-tls1 -cipher AES128-SHA:@SECLEVEL=0",
          "-tls1 -cipher ECDHE-RSA-AES128-SHA:@SECLEVEL=0",
          "-tls1 -cipher ECDHE-ECDSA-AES256-SHA:@SECLEVEL=0",
          "-tls1 -cipher ADH-AES128-SHA:@SECLEVEL=0",
          "-tls1_1 -cipher CAMELLIA256-SHA:@SECLEVEL=0",
          "-tls1_2 -psk 0123456789abcdef -cipher PSK-AES128-CBC-SHA:RSA-PSK-AES128-CBC-SHA:@SECLEVEL=0",
          "AES256-GCM-SHA384",
          "AES128-CCM",
          "ARIA128-GCM-SHA256",
          "DHE-RSA-AES128-SHA",
          "DHE-RSA-AES256-CCM8",
          "DHE-DSS-AES128-SHA",
          "ECDHE-RSA-AES128-SHA",
          "ECDHE-RSA-AES128-GCM-SHA256",
          "ECDHE-ECDSA-AES128-SHA",
          "ADH-AES128-GCM-SHA256",
          "AECDH-AES128-SHA",
          "ECDHE-RSA-NULL-SHA",
          "AECDH-NULL-SHA");

  /** Where the senders of the laboratory are. */
  private static final List<String> ADDRESSES =
      List.of(
          "198.51.100.10",
          "198.51.100.11",
          "198.51.100.20",
          "198.51.100.30",
          "203.0.113.40",
          "203.0.113.66");

  private final Programs programs = new ProcessPrograms();

  @Test
  void theShippedExampleIsCalculatedAsItIs() throws Exception {
    try (Lab lab = Lab.up()) {
      Map<Rung, Offer> offers = judged(lab, allClients());
      assertThat(offer(offers, Rung.DIAGNOSE).floor()).contains("TLSv1.2");
      assertThat(offer(offers, Rung.LEGACY).floor()).contains("TLSv1");
    }
  }

  @Test
  void everySuiteOfThisLibraryIsJudgedAsPostfixDoes() throws Exception {
    try (Lab lab = Lab.up()) {
      set(lab, "smtpd_tls_chain_files=" + pem(lab, "rsa:2048", "rsa") + ", " + ecdsa(lab));
      set(lab, "smtpd_tls_ciphers=medium", "smtpd_tls_exclude_ciphers=");
      set(lab, "tls_medium_cipherlist=ALL:COMPLEMENTOFALL");
      set(lab, "smtpd_tls_protocols=!TLSv1");
      String all =
          programs.output("openssl", "ciphers", "-s", "-tls1_2", "ALL:COMPLEMENTOFALL:@SECLEVEL=0");
      judged(lab, Arrays.asList(all.strip().split(":")));
    }
  }

  @Test
  void aServiceWithAnEcdsaCertificateAloneServesNoRsa() throws Exception {
    try (Lab lab = Lab.up()) {
      set(lab, "smtpd_tls_chain_files=" + ecdsa(lab), "smtpd_tls_exclude_ciphers=");
      // Whether the peer has the curve of the certificate is not calculated.
      List<String> clients =
          allClients().stream().filter(client -> !client.contains("P-521")).toList();
      Map<Rung, Offer> offers = judged(lab, clients);
      for (Rung strict : List.of(Rung.DIAGNOSE, Rung.TLS12)) {
        assertThat(names(offer(offers, strict)))
            .contains("ECDHE-ECDSA-AES256-GCM-SHA384")
            .doesNotContain("ECDHE-RSA-AES256-GCM-SHA384");
      }
      for (Rung relaxed : List.of(Rung.CIPHERS, Rung.LEGACY)) {
        assertThat(names(offer(offers, relaxed)))
            .contains("ECDHE-RSA-AES256-GCM-SHA384", "AES128-SHA")
            .doesNotContain("ECDHE-ECDSA-AES256-GCM-SHA384");
      }
    }
  }

  @Test
  void whatPostfixDoesByDefaultIsCalculated() throws Exception {
    try (Lab lab = Lab.up()) {
      for (String unset :
          List.of(
              "smtpd_tls_protocols",
              "smtpd_tls_mandatory_protocols",
              "smtpd_tls_ciphers",
              "smtpd_tls_mandatory_ciphers",
              "smtpd_tls_exclude_ciphers",
              "smtpd_tls_chain_files")) {
        lab.onHost("postconf", "-c", lab.postfix().toString(), "-X", unset);
      }
      set(lab, "smtpd_tls_cert_file=" + pem(lab, "rsa:2048", "rsa"));
      set(lab, "smtpd_tls_eccert_file=" + ecdsa(lab));
      assertThat(names(offer(judged(lab, CLIENTS), Rung.DIAGNOSE))).contains("ADH-AES128-SHA");
    }
  }

  @Test
  void theGroupsThatAreEnabledAreCalculated() throws Exception {
    try (Lab lab = Lab.up()) {
      set(lab, "smtpd_tls_eecdh_grade=ultra", "tls_eecdh_auto_curves=X25519, secp384r1 nonsense");
      List<String> clients =
          Stream.of("P-256", "P-384", "P-521", "X25519", "X448", "P-256:X25519")
              .flatMap(
                  group ->
                      Stream.of("-tls1_3", "-tls1_2", "-tls1_2 -cipher ECDHE")
                          .map(version -> version + " -curves " + group))
              .toList();
      assertThat(offer(judged(lab, clients), Rung.DIAGNOSE).groups())
          .containsExactlyInAnyOrder(24, 29);
    }
  }

  @Test
  void mandatoryParametersAndOverridesAndTheirNamesCount() throws Exception {
    try (Lab lab = Lab.up()) {
      set(lab, "smtpd_tls_mandatory_protocols=>=0302, !TLSv1.3", "grade=medium");
      set(lab, "smtpd_tls_mandatory_ciphers=$grade", "smtpd_tls_exclude_ciphers=aNULL:CAMELLIA");
      set(lab, "smtpd_tls_mandatory_exclude_ciphers=$not");
      override(
          lab,
          "smtp      inet  n       -       n       -       -       smtpd",
          "-o smtpd_tls_security_level=encrypt",
          "-o { not = kRSA, CHACHA20 }",
          "-o smtpd_tls_protocols=TLSv1");
      judged(lab, CLIENTS);
    }
  }

  @Test
  void theServiceBehindPostscreenIsTheOneThatCounts() throws Exception {
    try (Lab lab = Lab.up()) {
      set(lab, "postscreen_access_list=static:permit", "postscreen_cache_map=");
      override(
          lab,
          "smtp      inet  n       -       n       -       1       postscreen",
          "-o smtpd_tls_protocols=TLSv1",
          "\nsmtpd pass - - n - - smtpd",
          "-o smtpd_tls_protocols=SSLv3:tlsv1.1:TLSv1.2,!SSLv3",
          "-o smtpd_tls_ciphers=medium");
      Offer strict = offer(judged(lab, CLIENTS), Rung.DIAGNOSE);
      assertThat(strict.versions()).containsExactly(ProtocolList.TLS_1_1, ProtocolList.TLS_1_2);
    }
  }

  @Test
  void aServiceOfTls13AloneIsNotOpenedToEverythingBelow() throws Exception {
    try (Lab lab = Lab.up()) {
      set(lab, "smtpd_tls_protocols=TLSv1.3");
      Map<Rung, Offer> offers = judged(lab, CLIENTS);
      assertThat(offer(offers, Rung.DIAGNOSE).versions()).containsExactly(ProtocolList.TLS_1_3);
      assertThat(offer(offers, Rung.TLS12).versions()).containsExactly(ProtocolList.TLS_1_2);
    }
  }

  @Test
  void aServiceWithoutCertificateHasAnonymousSuitesAlone() throws Exception {
    try (Lab lab = Lab.up()) {
      set(lab, "smtpd_tls_chain_files=", "smtpd_tls_cert_file=none");
      set(lab, "smtpd_tls_exclude_ciphers=");
      // OpenSSL blames a fallback for TLS 1.3, which it could not have agreed on.
      judged(lab, CLIENTS.stream().filter(client -> !client.contains("fallback")).toList());
    }
  }

  @Test
  void aServiceWhoseListsPostfixDoesNotTakeAdmitsNobody() throws Exception {
    for (String broken :
        List.of(
            "smtpd_tls_exclude_ciphers=!aNULL",
            "tls_high_cipherlist=NONE",
            "smtpd_tls_ciphers=x")) {
      try (Lab lab = Lab.up()) {
        set(lab, broken);
        lab.stopPostfix();
        lab.startPostfix();
        assertThat(offer(offers(lab), Rung.DIAGNOSE).suites()).as(broken).isEmpty();
        assertThat(areIn(lab, 25, List.of("-tls1_2", "-tls1_3"))).containsOnly(false);
      }
    }
  }

  @Test
  void aServiceWithoutStarttlsHasNoVersions() throws Exception {
    for (String off :
        List.of(
            "smtpd_tls_security_level=none",
            "smtpd_discard_ehlo_keywords=dsn, StartTLS",
            "smtpd_tls_protocols=TLSv9")) {
      try (Lab lab = Lab.up()) {
        set(lab, off);
        lab.stopPostfix();
        lab.startPostfix();
        assertThat(offer(offers(lab), Rung.DIAGNOSE).versions()).as(off).isEmpty();
        assertThat(areIn(lab, 25, List.of("-cipher DEFAULT"))).as(off).containsExactly(false);
      }
    }
  }

  private static List<String> allClients() {
    return Stream.concat(CLIENTS.stream(), MORE_CLIENTS.stream()).toList();
  }

  /** Has every client try every listener, and tells the offers that foretold it. */
  private Map<Rung, Offer> judged(Lab lab, List<String> clients) throws Exception {
    set(lab, "smtpd_tls_loglevel=3");
    Map<Rung, Offer> before = offers(lab);
    Map<Rung, Integer> listeners = open(lab);
    Map<Rung, Offer> offers = offers(lab);
    assertThat(offers).as("the listeners stand now").isEqualTo(before);
    assertThat(offers.keySet()).isEqualTo(listeners.keySet());
    List<String> surprises = new ArrayList<>();
    for (Map.Entry<Rung, Integer> listener : listeners.entrySet()) {
      Offer offer = offer(offers, listener.getKey());
      for (Seen seen : seen(lab, listener.getValue(), clients)) {
        if (!seen.isAsCalculated(offer)) {
          surprises.add(
              listener.getKey() + ": " + offer.answer(seen.hello()) + " but it was " + seen);
        }
      }
      if (listener.getKey() != Rung.DIAGNOSE) {
        assertThat(offer.suites())
            .allMatch(number -> CipherSuite.find(number).filter(CipherSuite::isUsable).isPresent());
      }
    }
    assertThat(surprises).isEmpty();
    return offers;
  }

  /** The listeners of all rungs but the one without TLS; the lowest is the public service. */
  private Map<Rung, Integer> open(Lab lab) throws Exception {
    Settings settings = settings(lab);
    new RelaxedKey(settings.stateDirectory(), programs, InstantSource.system())
        .ensure(TlsParameters.read(programs, lab.postfix(), List.of()));
    List<Grant> grants = new ArrayList<>();
    Map<Rung, Integer> listeners = new EnumMap<>(Rung.class);
    for (Rung rung : Rung.values()) {
      if (rung != Rung.PLAINTEXT) {
        List<IpPrefix> networks = List.of(IpPrefix.parse("198.51.100.30"));
        grants.add(new Grant(1, rung, networks, Instant.MAX));
        listeners.put(rung, PORTS.get(rung));
      }
    }
    listeners.put(Rung.DIAGNOSE, 25);
    MailChange change = new PostfixMail(settings, programs).plan(grants);
    for (FileEdit edit : change.edits()) {
      Files.writeString(edit.file(), edit.next().orElseThrow(), StandardCharsets.ISO_8859_1);
    }
    for (MailChange.Table table : change.tables()) {
      programs.output("postmap", "-c", lab.postfix().toString(), table.toString());
    }
    lab.stopPostfix();
    lab.startPostfix();
    listeners
        .values()
        .forEach(port -> Lab.await("port " + port, () -> lab.canConnect(Lab.MODERN, port)));
    return listeners;
  }

  /**
   * What became of one client.
   *
   * @param isIn whether it says that its handshake was completed
   * @param handshake what the log says
   */
  private record Seen(String client, boolean isIn, Handshake handshake) {
    ClientHello hello() {
      return handshake
          .hello()
          .orElseThrow(() -> new AssertionError("the log has no hello of " + this));
    }

    boolean isAsCalculated(Offer offer) {
      Offer.Answer answer = offer.answer(hello());
      return handshake.outcome() instanceof Completed completed
          ? isIn
              && answer instanceof Offer.Agreed agreed
              && ClientHello.versionName(agreed.version()).equals(completed.protocol())
              && agreed.suites().contains(completed.cipher())
          : !isIn && !offer.admits(hello());
    }
  }

  /** Has the clients try, and finds each in the log. */
  private static List<Seen> seen(Lab lab, int port, List<String> clients) throws IOException {
    long from = Files.size(lab.maillog());
    List<Boolean> areIn = areIn(lab, port, clients);
    // Those of one address come one after the other.
    Map<IpAddress, Deque<Handshake>> handshakes = handshakes(lab, from, clients.size());
    List<Seen> seen = new ArrayList<>();
    for (int i = 0; i < clients.size(); i++) {
      Handshake handshake =
          Optional.ofNullable(handshakes.get(IpAddress.parse(address(i))))
              .map(Deque::poll)
              .orElseThrow();
      seen.add(new Seen(clients.get(i), areIn.get(i), handshake));
    }
    return seen;
  }

  private static String address(int client) {
    return ADDRESSES.get(client % ADDRESSES.size());
  }

  /** As many at a time as there are addresses. */
  private static List<Boolean> areIn(Lab lab, int port, List<String> clients) {
    StringBuilder script = new StringBuilder();
    for (int i = 0; i < clients.size(); i++) {
      String client = clients.get(i);
      script
          .append("{ timeout 20 openssl s_client -starttls smtp -connect 192.0.2.25:" + port)
          .append(" -bind " + address(i) + ":0 ")
          .append(client.startsWith("-") ? client : "-tls1_2 -cipher " + client + ":@SECLEVEL=0")
          .append(" </dev/null >/dev/null 2>&1 && echo " + i + "; } &\n")
          .append((i + 1) % ADDRESSES.size() == 0 ? "wait\n" : "");
    }
    Set<String> in =
        lab.onSenders(List.of("sh", "-c", script + "wait"))
            .output()
            .lines()
            .collect(Collectors.toSet());
    return IntStream.range(0, clients.size()).mapToObj(i -> in.contains("" + i)).toList();
  }

  /**
   * So many handshakes that the log tells from here on. Sessions are not counted: one that only
   * looked whether the port is open may still be told.
   */
  private static Map<IpAddress, Deque<Handshake>> handshakes(Lab lab, long from, int wanted) {
    List<Handshake> seen = new ArrayList<>();
    Lab.await(
        wanted + " handshakes",
        () -> {
          seen.clear();
          observations(lab, from).stream()
              .filter(Handshake.class::isInstance)
              .map(Handshake.class::cast)
              .forEach(seen::add);
          return seen.size() >= wanted;
        });
    Map<IpAddress, Deque<Handshake>> handshakes = new HashMap<>();
    seen.forEach(
        handshake ->
            handshakes
                .computeIfAbsent(
                    handshake.peer().address().orElseThrow(), address -> new ArrayDeque<>())
                .add(handshake));
    return handshakes;
  }

  private static List<Observation> observations(Lab lab, long from) {
    SyslogParser parser = new SyslogParser(ZoneOffset.UTC);
    Sessions sessions = new Sessions();
    try (FileChannel log = FileChannel.open(lab.maillog())) {
      byte[] fresh = new byte[(int) (log.size() - from)];
      log.read(ByteBuffer.wrap(fresh), from);
      String text = new String(fresh, StandardCharsets.ISO_8859_1);
      return text.substring(0, text.lastIndexOf('\n') + 1)
          .lines()
          .flatMap(line -> parser.parse(line, Instant.EPOCH).stream())
          .flatMap(message -> sessions.accept(message).stream())
          .toList();
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  private Map<Rung, Offer> offers(Lab lab) {
    return Capabilities.of(Optional.of(settings(lab)), programs).offers();
  }

  private static Offer offer(Map<Rung, Offer> offers, Rung rung) {
    return Optional.ofNullable(offers.get(rung)).orElseThrow();
  }

  private static Settings settings(Lab lab) {
    return new Settings(lab.postfix(), Optional.empty(), PORTS, Redirect.NONE, lab.state());
  }

  private static List<String> names(Offer offer) {
    return offer.suites().stream()
        .flatMap(number -> CipherSuite.find(number).stream())
        .map(CipherSuite::name)
        .toList();
  }

  private static void set(Lab lab, String... parameters) {
    for (String parameter : parameters) {
      lab.onHost("postconf", "-c", lab.postfix().toString(), "-e", parameter);
    }
  }

  /** Replaces the public service's entry. */
  private static void override(Lab lab, String... lines) throws IOException {
    Path master = lab.postfix().resolve("master.cf");
    String text = Files.readString(master);
    String entry = String.join("\n  ", lines).replace("\n  \n", "\n") + "\n";
    Files.writeString(master, text.replaceFirst("(?m)^smtp +inet .*\n", entry));
  }

  private String ecdsa(Lab lab) throws Exception {
    return pem(lab, "ec:prime256v1", "ecdsa");
  }

  /** A file with a key and its certificate. */
  private String pem(Lab lab, String algorithm, String name) throws Exception {
    Path file = lab.postfix().resolve(name + ".pem");
    List<String> command =
        new ArrayList<>(List.of("openssl", "req", "-x509", "-nodes", "-subj", "/CN=" + name));
    command.addAll(
        algorithm.startsWith("ec:")
            ? List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:" + algorithm.substring(3))
            : List.of("-newkey", algorithm));
    command.addAll(List.of("-keyout", file.toString(), "-out", file + ".crt"));
    programs.output(command.toArray(String[]::new));
    Files.writeString(file, Files.readString(file) + Files.readString(Path.of(file + ".crt")));
    return file.toString();
  }
}
