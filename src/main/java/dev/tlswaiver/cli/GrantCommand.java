package dev.tlswaiver.cli;

import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.config.ConfigurationReader;
import dev.tlswaiver.control.Request;
import dev.tlswaiver.hand.Hands;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Rung;
import java.io.PrintStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Gives a waiver on the operator's word. */
@Command(name = "grant")
final class GrantCommand extends OutputCommand {
  private static final int MOST_CHARACTERS = 200;

  @Option(
      names = "--rung",
      required = true,
      paramLabel = "R",
      description = {
        "tls12, ciphers, legacy, sslv3 or plaintext;",
        "diagnose: ask what the sender offers first, and go on from there."
      })
  private String rung = "";

  @Option(
      names = "--for",
      paramLabel = "TIME",
      description = "How long, as 90m, 24h or 7d (default: waiver.lasts).")
  private @Nullable String time;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Why, for the history and the log.")
  private String reason = "";

  @Option(names = "--force", description = "Overrule objections; see above.")
  private boolean force;

  @Parameters(
      paramLabel = "ADDRESS|PREFIX|DOMAIN",
      description = "Whom. Of a domain, the addresses that were seen failing.")
  private String target = "";

  GrantCommand(PrintStream out) {
    super(out);
  }

  /** An annotation could not name the guards as they are. */
  @Spec
  void describe(CommandSpec command) {
    command
        .usageMessage()
        .description(
            "Give a waiver now, in mode propose or enforce, also to a sender that was revoked.",
            "Guards are asked. If one objects, its objection is printed and nothing is granted;"
                + " --force overrules the guards "
                + names(GuardName::yieldsToForce)
                + ", waiver.longest, and a waiver that is there already. It does not overrule "
                + names(guard -> !guard.yieldsToForce())
                + ": change the configuration.",
            "A waiver without mail within waiver.prove_within is taken back, whoever gave it.");
  }

  /** Those that are asked about a grant. */
  private static String names(Predicate<GuardName> which) {
    List<String> names =
        Arrays.stream(GuardName.values())
            .filter(GuardName::isAsked)
            .filter(which)
            .map(GuardName::label)
            .toList();
    int last = names.size() - 1;
    return String.join(", ", names.subList(0, last)) + " and " + names.get(last);
  }

  @Override
  public Integer call() throws Exception {
    Request.Grant request = request();
    Optional<IpPrefix> network = IpPrefix.find(request.target());
    if (network.isPresent()) {
      Configuration configuration = configuration();
      Hands.permit(
          configuration,
          network.get(),
          request.length().orElse(configuration.waiver().lasts()),
          InstantSource.system());
    }
    return Replies.changeLive(this, request);
  }

  private Request.Grant request() {
    if (IpPrefix.find(target).isEmpty() && HostName.find(target).isEmpty()) {
      throw usage(
          "not an address, a prefix (192.0.2.0/24, no bits after its length) or a domain: "
              + target);
    }
    Rung meant =
        Rung.find(rung)
            .orElseThrow(() -> usage("no such rung: " + rung + "; there are " + rungs()));
    Optional<Duration> length = length();
    if (length.isPresent() && meant == Rung.DIAGNOSE) {
      throw usage("--for means nothing with --rung diagnose: waiver.lasts counts for what follows");
    }
    if (reason.length() > MOST_CHARACTERS || reason.matches("(?s).*[\\p{Cntrl}\"].*")) {
      throw usage(
          "--reason is one line of at most " + MOST_CHARACTERS + " characters without quotes");
    }
    return new Request.Grant(target, meant, length, reason, force);
  }

  private Optional<Duration> length() {
    if (time == null) {
      return Optional.empty();
    }
    Optional<Duration> length =
        ConfigurationReader.findDuration(time).filter(some -> !some.isZero());
    if (length.isEmpty()) {
      throw usage("not a time: " + time + "; write it like 90m, 24h or 7d");
    }
    return length;
  }

  private static String rungs() {
    return Arrays.stream(Rung.values()).map(Rung::label).collect(Collectors.joining(", "));
  }
}
