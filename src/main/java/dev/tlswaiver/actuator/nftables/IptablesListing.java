package dev.tlswaiver.actuator.nftables;

import dev.tlswaiver.actuator.nftables.FilterChain.Origin;
import dev.tlswaiver.actuator.nftables.FilterRule.Verdict;
import dev.tlswaiver.actuator.nftables.Match.Field;
import dev.tlswaiver.peer.IpPrefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What iptables-save prints: {@code *table}, {@code :CHAIN POLICY}, {@code -A CHAIN condition...}.
 *
 * <p>Options that are not known are conditions that may hold or not.
 */
final class IptablesListing {
  private static final Pattern WORD = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"|(\\S+)");

  private static final Map<String, Integer> PRIORITIES =
      Map.of("raw", -300, "mangle", -150, "nat", -100, "filter", 0, "security", 50);

  /** Options that change nothing about which packets match. */
  private static final Set<String> NO_MATTER = Set.of("-m", "--match", "--comment");

  private final Origin origin;
  private final String family;
  private final List<FilterChain> all = new ArrayList<>();

  private String table = "";
  private final Map<String, String> policies = new LinkedHashMap<>();
  private final Map<String, List<FilterRule>> rules = new LinkedHashMap<>();

  private IptablesListing(Origin origin, boolean isIpv6) {
    this.origin = origin;
    this.family = isIpv6 ? "ip6" : "ip";
  }

  static List<FilterChain> parse(Origin origin, boolean isIpv6, String text) {
    IptablesListing listing = new IptablesListing(origin, isIpv6);
    text.lines().forEach(listing::add);
    return listing.all;
  }

  private void add(String line) {
    if (line.startsWith("*")) {
      table = line.substring(1).strip();
      policies.clear();
      rules.clear();
    } else if (line.startsWith(":")) {
      String[] words = line.substring(1).split(" ");
      policies.put(words[0], words.length > 1 ? words[1] : "-");
    } else if (line.startsWith("-A ")) {
      List<String> words = words(line);
      rules
          .computeIfAbsent(words.size() > 1 ? words.get(1) : "", chain -> new ArrayList<>())
          .add(rule(line, words));
    } else if (line.startsWith("COMMIT")) {
      policies.forEach(this::addChain);
    }
  }

  private void addChain(String name, String policy) {
    boolean isBase = !policy.equals("-");
    all.add(
        new FilterChain(
            origin,
            family,
            table,
            name,
            isBase ? (table.equals("nat") ? "nat" : "filter") : "",
            isBase ? name.toLowerCase(Locale.ROOT) : "",
            PRIORITIES.getOrDefault(table, 0),
            policy.equals("DROP"),
            rules.getOrDefault(name, List.of())));
  }

  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(line);
    while (matcher.find()) {
      words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
    }
    return words;
  }

  private static FilterRule rule(String line, List<String> words) {
    List<Match> matches = new ArrayList<>();
    boolean isNegated = false;
    for (int i = 2; i < words.size(); i++) {
      String option = words.get(i);
      String value = i + 1 < words.size() ? words.get(i + 1) : "";
      if (option.equals("-j") || option.equals("-g")) {
        Verdict verdict = option.equals("-g") ? Verdict.GOTO : verdict(value);
        return new FilterRule(matches, verdict, value, "the rule '" + line + "'");
      }
      if (option.equals("!")) {
        isNegated = true;
      } else if (option.startsWith("-")) {
        if (!NO_MATTER.contains(option)) {
          matches.add(match(option, value, isNegated));
        }
        isNegated = false;
        i += value.startsWith("-") || value.equals("!") ? 0 : 1;
      }
    }
    return new FilterRule(matches, Verdict.CONTINUE, "", "the rule '" + line + "'");
  }

  /** What a target of iptables does; a name that is none of them is a chain. */
  static Verdict verdict(String target) {
    return switch (target) {
      case "ACCEPT" -> Verdict.ACCEPT;
      case "DROP", "REJECT", "TARPIT" -> Verdict.DROP;
      case "RETURN" -> Verdict.RETURN;
      case "DNAT", "REDIRECT", "TPROXY" -> Verdict.TRANSLATE;
      case "LOG",
          "NFLOG",
          "ULOG",
          "MARK",
          "CONNMARK",
          "CT",
          "SET",
          "TCPMSS",
          "NOTRACK",
          "AUDIT",
          "SECMARK",
          "CONNSECMARK",
          "DSCP",
          "TOS",
          "TTL",
          "NFQUEUE",
          "CHECKSUM",
          "TRACE",
          "MASQUERADE",
          "SNAT",
          "NETMAP",
          "CLASSIFY" ->
          Verdict.CONTINUE;
      default -> Verdict.JUMP;
    };
  }

  private static Match match(String option, String value, boolean isNegated) {
    return switch (option) {
      case "-p" -> Match.of(Field.PROTOCOL, isNegated, List.of(value));
      case "-i" -> Match.of(Field.INTERFACE, isNegated, List.of(value));
      case "--dport", "--dports" -> Match.of(Field.PORT, isNegated, ports(value));
      case "--ctorigdstport" -> Match.of(Field.ORIGINAL_PORT, isNegated, ports(value));
      case "--ctstate", "--state" ->
          Match.of(
              Field.STATE, isNegated, Arrays.asList(value.toLowerCase(Locale.ROOT).split(",")));
      case "-s" ->
          new Match(
              Field.SOURCE,
              isNegated,
              List.of(),
              Optional.of(value).flatMap(IpPrefix::find).map(AddressRange::of).stream().toList());
      case "--match-set" -> new Match(Field.SOURCE, isNegated, List.of(value), List.of());
      default -> Match.other();
    };
  }

  private static List<String> ports(String value) {
    return Arrays.asList(value.replace(':', '-').split(","));
  }
}
