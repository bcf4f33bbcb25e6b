package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs.Result;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Sessions;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.maillog.SyslogParser;
import dev.tlswaiver.maillog.UnreadableLineException;
import dev.tlswaiver.peer.IpPrefix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Whether many handshakes at the end of the log have stalled, which points at the network. */
final class StalledHandshakes implements Examination {
  private static final int END_BYTES = 4 * 1024 * 1024;

  /** Lines of the journal; about as many as the end of a file has. */
  private static final String END_LINES = "--lines=20000";

  private static final int MANY = 10;

  /** One sender that stalls may be broken itself. */
  private static final int NETWORKS = 3;

  @Override
  public void examine(Patient patient, Chart chart) {
    Sessions sessions = new Sessions();
    SyslogParser headers = new SyslogParser(ZoneId.systemDefault());
    Count count = new Count();
    end(patient)
        .flatMap(line -> read(line, patient.now(), headers, sessions).stream())
        .forEach(count::see);
    sessions.finish().forEach(count::see);
    if (count.stalled >= MANY && count.networks.size() >= NETWORKS) {
      chart.find(
          Ailment.HANDSHAKES_TIME_OUT,
          "Of the last "
              + count.all
              + " handshakes in the log "
              + count.stalled
              + " timed out, from "
              + count.networks.size()
              + " networks.",
          "tracepath -n ADDRESS of one of them shows where large packets stop; until that is mended:"
              + " sysctl -w net.ipv4.tcp_mtu_probing=1; on a router or tunnel before this host: nft"
              + " add rule inet filter forward tcp flags syn tcp option maxseg size set rt mtu");
    }
  }

  private static final class Count {
    private final Set<IpPrefix> networks = new HashSet<>();
    private int all;
    private int stalled;

    void see(Observation observation) {
      if (observation instanceof Handshake handshake && handshake.service().facesMx()) {
        all++;
        if (handshake.outcome() instanceof Failed failed && failed.reason() == Reason.TIMED_OUT) {
          stalled++;
          handshake
              .peer()
              .address()
              .map(address -> address.network(24, 48))
              .ifPresent(networks::add);
        }
      }
    }
  }

  private static List<Observation> read(
      String line, Instant now, SyslogParser headers, Sessions sessions) {
    try {
      return UnreadableLineException.reading(
          () -> {
            Optional<SyslogMessage> message =
                headers.parse(line, now).filter(SyslogMessage::isSmtpServer);
            return message.isEmpty()
                ? List.of()
                : sessions.accept(message.get(), SmtpdRecord.parse(message.get().text()));
          });
    } catch (UnreadableLineException setAside) {
      return List.of();
    }
  }

  /** Nothing where there is no log to read, of which another examination speaks. */
  private static Stream<String> end(Patient patient) {
    try {
      if (patient.log().isPresent()) {
        byte[] bytes = TextFile.end(patient.log().get(), END_BYTES);
        return new String(bytes, StandardCharsets.UTF_8).lines();
      }
      Result journal =
          patient
              .programs()
              .run(
                  "journalctl",
                  "--quiet",
                  "--no-pager",
                  "--output=short-iso",
                  END_LINES,
                  "SYSLOG_FACILITY=2");
      return journal.isGood() ? journal.out().lines() : Stream.of();
    } catch (IOException | HostException unreadable) {
      return Stream.of();
    }
  }
}
