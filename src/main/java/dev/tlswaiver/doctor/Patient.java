package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Redirect;
import dev.tlswaiver.actuator.Settings;
import dev.tlswaiver.actuator.postfix.Capabilities;
import dev.tlswaiver.actuator.postfix.MainFile;
import dev.tlswaiver.dns.OwnZone;
import dev.tlswaiver.waiver.Rung;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The host under examination.
 *
 * @param enabled the rungs that the operator allows
 * @param log the mail log that an agent would follow; empty where that is the journal
 * @param isLogTrusted whether the operator says that a file's lines are Postfix's
 * @param zone what this host's domain publishes
 * @param root where {@code etc} and {@code proc} are
 * @param isRoot whether we may see everything
 * @param brokenRedirects which waivers have ended lately because their redirect did not work, and
 *     why
 */
public record Patient(
    Settings settings,
    Programs programs,
    Set<Rung> enabled,
    Optional<Path> log,
    boolean isLogTrusted,
    Path controlSocket,
    OwnZone zone,
    Path root,
    boolean isRoot,
    List<String> brokenRedirects,
    Instant now) {
  public Patient {
    enabled = Set.copyOf(enabled);
    brokenRedirects = List.copyOf(brokenRedirects);
  }

  Path configDirectory() {
    return settings.configDirectory();
  }

  boolean hasPostfix() {
    return settings.hasPostfix();
  }

  boolean isRedirecting() {
    return settings.redirect() == Redirect.NFTABLES;
  }

  /** What its rungs can do; asking takes a dozen programs. */
  Capabilities capabilities() {
    return Capabilities.of(Optional.of(settings).filter(Settings::hasPostfix), programs);
  }

  /** The service that faces the Internet; empty where there is none, or no Postfix. */
  Optional<PublicService> publicService() {
    try {
      return hasPostfix() ? Optional.of(PublicService.of(this)) : Optional.empty();
    } catch (HostException absent) {
      return Optional.empty(); // The examination of Postfix says so.
    }
  }

  /** The port that peers come to. */
  int publicPort() {
    return publicService().map(PublicService::port).orElse(25);
  }

  /** The value of one of Postfix's parameters. */
  String parameter(String name) throws HostException {
    return new MainFile(programs, configDirectory()).value(name);
  }
}
