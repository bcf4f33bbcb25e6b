package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.MailChange;
import dev.tlswaiver.actuator.MailSystem.Health;
import dev.tlswaiver.waiver.Rung;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How Postfix answers now: its listeners, and what it says of itself in its log. What is there to
 * be asked is asked once; who waits for a listener asks that listener alone.
 */
record HealthCheck(Discovery host, OwnLog log) {
  private static final Duration SETTLE = Duration.ofSeconds(15);
  private static final Duration POLL = Duration.ofMillis(50);

  static HealthCheck of(Discovery host) throws HostException {
    return new HealthCheck(host, OwnLog.of(host.programs(), host.directory()));
  }

  /** That of the public service. */
  Health health() throws HostException {
    List<ServiceEntry> entries = host.service().entries();
    Interfaces interfaces = Interfaces.of(host.main());
    boolean negotiates = true;
    for (ServiceEntry entry : entries) {
      try {
        negotiates &= SmtpProbe.look(interfaces.address(entry)).negotiates();
      } catch (IOException silent) {
        return new Health(false, false, log.size());
      }
    }
    return new Health(true, negotiates, log.size());
  }

  /**
   * Compares with what was before a change.
   *
   * @throws HostException if anything is worse, or is not there that the change makes
   */
  void after(Health before, MailChange change) throws HostException {
    // What did not answer before may not be there at all: who takes all away does not look for it.
    if (before.answers()) {
      compare(before, health(), change.publicPort());
    }
    for (Map.Entry<Rung, Integer> listener : change.listeners().entrySet()) {
      await(listener.getKey(), listener.getValue());
    }
    Optional<String> trouble = log.trouble(before.logSize());
    if (trouble.isPresent()) {
      throw new HostException("Postfix logged: " + trouble.get());
    }
  }

  private static void compare(Health before, Health now, int port) throws HostException {
    if (!now.answers()) {
      throw new HostException("port " + port + " does not answer any more");
    }
    if (before.negotiates() && !now.negotiates()) {
      throw new HostException("port " + port + " does not complete a TLS handshake any more");
    }
  }

  /** After a reload a new listener takes a moment to come up. */
  private void await(Rung rung, int port) throws HostException {
    InetSocketAddress address = Interfaces.of(host.main()).loopback(port);
    long deadline = System.nanoTime() + SETTLE.toNanos();
    while (true) {
      try {
        judge(rung, port, SmtpProbe.look(address));
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

  private static void judge(Rung rung, int port, SmtpProbe.Seen seen) throws HostException {
    boolean isPlaintext = rung == Rung.PLAINTEXT;
    if (seen.offers() == isPlaintext) {
      throw new HostException(
          "the relaxed listener on port "
              + port
              + (isPlaintext ? " offers STARTTLS" : " does not offer STARTTLS"));
    }
    if (!isPlaintext && !seen.negotiates()) {
      throw new HostException(
          "the relaxed listener on port " + port + " does not complete a TLS handshake");
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
}
