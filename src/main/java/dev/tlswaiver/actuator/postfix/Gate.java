package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.waiver.Rung;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The postscreen(8) that stands before the public service, once more before a relaxed one: whom the
 * one rejects, the other does too.
 *
 * <pre>
 * 10127 inet n - n - 1 postscreen
 *   -o smtpd_service_name=tlswaiver-legacy
 *   -o tlsproxy_service_name=tlswaiver-legacy-tls
 *   -o postscreen_cache_map=btree:$data_directory/tlswaiver-legacy-postscreen
 * tlswaiver-legacy pass - - n - - smtpd -o ...
 * tlswaiver-legacy-tls unix - - n - 0 tlsproxy -o ...
 * </pre>
 *
 * <p>Its cache is its own, since two processes can't have one open: a newcomer is tested here once
 * more. Where the tests go beyond the greeting, STARTTLS ends in tlsproxy(8), which therefore has
 * the rung's terms too; the newcomer is told to come again, as everywhere.
 *
 * @param postscreen the entry before the public service
 * @param tlsproxy the entry that ends TLS for it; empty where master.cf has none
 * @param cache its postscreen_cache_map
 */
record Gate(ServiceEntry postscreen, Optional<ServiceEntry> tlsproxy, String cache) {
  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

  private static final String CACHE_SUFFIX = "-postscreen";

  /** What several processes may share. */
  private static final Set<String> SHARED = Set.of("proxy", "memcache");

  /**
   * The parameters of smtpd(8) that tlsproxy(8) has under names of its own, and from Postfix 3.12
   * on postscreen(8) too, which tells them to it then: where both differ there is no TLS
   * (tlsproxy_server.c).
   */
  private static final Set<String> SHARED_TERMS =
      Set.of(
          "loglevel",
          "security_level",
          "protocols",
          "mandatory_protocols",
          "ciphers",
          "mandatory_ciphers",
          "exclude_ciphers",
          "mandatory_exclude_ciphers",
          "eecdh_grade",
          "chain_files",
          "cert_file",
          "key_file",
          "dcert_file",
          "dkey_file",
          "eccert_file",
          "eckey_file");

  private static final String OF_SMTPD = "smtpd_tls_";

  /** The gate before this service; empty where none stands there. */
  static Optional<Gate> of(MasterFile master, PublicService service, MainFile main)
      throws HostException {
    Optional<ServiceEntry> postscreen = service.postscreen();
    if (postscreen.isEmpty()) {
      return Optional.empty();
    }
    ServiceEntry entry = postscreen.get();
    Map<String, String> values =
        main.values(entry, Map.of(), List.of("tlsproxy_service_name", "postscreen_cache_map"));
    String proxy = values.getOrDefault("tlsproxy_service_name", "tlsproxy");
    return Optional.of(
        new Gate(
            entry,
            master.entries().stream()
                .filter(other -> other.type().equals("unix") && other.name().equals(proxy))
                .findFirst(),
            values.getOrDefault("postscreen_cache_map", "")));
  }

  private static String service(Rung rung) {
    return "tlswaiver-" + rung.label();
  }

  /** The name and type of the smtpd(8) behind it, as master.cf begins its line. */
  String passedTo(Rung rung) {
    return service(rung) + " pass - -";
  }

  /**
   * The entries before the relaxed smtpd(8), which listen.
   *
   * @param terms what the relaxed smtpd(8) is told: {@code smtpd_tls_protocols=...}
   * @param release whose postscreen(8) it is
   */
  String listening(Rung rung, List<String> endpoints, List<String> terms, PostfixVersion release) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < endpoints.size(); i++) {
      List<String> arguments = new ArrayList<>(postscreen.arguments());
      add(arguments, "syslog_name=postfix/" + service(rung));
      add(arguments, "smtpd_service_name=" + service(rung));
      add(arguments, "tlsproxy_service_name=" + service(rung) + "-tls");
      if (needsOwnCache()) {
        String name = service(rung) + CACHE_SUFFIX + (i == 0 ? "" : "-" + (i + 1));
        add(arguments, "postscreen_cache_map=" + cacheType() + ":$data_directory/" + name);
      }
      if (release.has(PostfixVersion.Feature.POSTSCREEN_TLS)) {
        addTerms(arguments, "postscreen_tls_", terms);
        // Of the log's levels it takes smtpd's (postscreen_tls_conf.c), unless a map has another.
        add(arguments, "postscreen_tls_loglevel_maps=");
        terms.stream()
            .filter(term -> term.startsWith("smtpd_tls_loglevel="))
            .forEach(term -> add(arguments, term));
      } else if (rung == Rung.PLAINTEXT) {
        add(arguments, "postscreen_tls_security_level=none");
      }
      text.append(
          ServiceEntry.text(
              endpoints.get(i) + " inet n -", postscreen.chroot(), "1", "postscreen", arguments));
    }
    return text.toString();
  }

  /**
   * The entry that ends TLS while postscreen(8) itself speaks with a client.
   *
   * @param terms what the relaxed smtpd(8) is told: {@code smtpd_tls_protocols=...}
   */
  String proxying(Rung rung, List<String> terms) {
    List<String> arguments =
        new ArrayList<>(tlsproxy.map(ServiceEntry::arguments).orElse(List.of()));
    add(arguments, "syslog_name=postfix/" + service(rung));
    addTerms(arguments, "tlsproxy_tls_", terms);
    return ServiceEntry.text(
        service(rung) + "-tls unix - -",
        tlsproxy.map(ServiceEntry::chroot).orElse(postscreen.chroot()),
        "0",
        "tlsproxy",
        arguments);
  }

  /** Those that the program has, under its names. */
  private static void addTerms(List<String> arguments, String family, List<String> terms) {
    for (String term : terms) {
      String name = term.substring(0, term.indexOf('='));
      if (name.startsWith(OF_SMTPD) && SHARED_TERMS.contains(name.substring(OF_SMTPD.length()))) {
        add(arguments, family + term.substring(OF_SMTPD.length()));
      } else if (name.startsWith("tls_")) {
        add(arguments, term);
      }
    }
  }

  private static void add(List<String> arguments, String override) {
    arguments.add("-o");
    arguments.add(override);
  }

  private String cacheType() {
    int colon = cache.indexOf(':');
    return colon < 0 ? "" : cache.substring(0, colon);
  }

  private boolean needsOwnCache() {
    return !cache.isEmpty() && !SHARED.contains(cacheType());
  }

  /** Takes away the caches of gates that stand no more. What can't be is left: it weighs little. */
  static void sweep(MainFile main) {
    try {
      sweep(
          Path.of(main.value("data_directory")), MasterFile.read(main.directory()).blockEntries());
    } catch (IOException | HostException kept) {
      LOG.debug("caches of postscreen are left: {}", kept.toString());
    }
  }

  private static void sweep(Path dataDirectory, List<ServiceEntry> standing) throws IOException {
    try (DirectoryStream<Path> caches =
        Files.newDirectoryStream(dataDirectory, "tlswaiver-*" + CACHE_SUFFIX + "*")) {
      for (Path cache : caches) {
        String name = cache.getFileName().toString().replaceFirst("\\.[a-z]+$", "");
        boolean isInUse =
            standing.stream()
                .flatMap(entry -> entry.override("postscreen_cache_map").stream())
                .anyMatch(map -> map.endsWith("/" + name));
        if (!isInUse) {
          Files.delete(cache);
        }
      }
    }
  }
}
