package dev.tlswaiver.firewall;

import dev.tlswaiver.firewall.Effect.Marked;
import dev.tlswaiver.firewall.FilterChain.Origin;
import dev.tlswaiver.firewall.FilterRule.Verdict;
import dev.tlswaiver.firewall.Match.Field;
import dev.tlswaiver.peer.IpPrefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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

  private static final String ALL_FLAGS = "fin,syn,rst,psh,ack,urg";

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
    String extension = "";
    for (int i = 2; i < words.size(); i++) {
      String option = words.get(i);
      String value = i + 1 < words.size() ? words.get(i + 1) : "";
      if (option.equals("-j") || option.equals("-g")) {
        Verdict verdict = option.equals("-g") ? Verdict.GOTO : verdict(value);
        List<String> itsOptions = words.subList(Math.min(i + 2, words.size()), words.size());
        return new FilterRule(
            matches, effects(value, itsOptions), verdict, value, "the rule '" + line + "'");
      }
      if (option.equals("!")) {
        isNegated = true;
      } else if (option.startsWith("-")) {
        extension = option.equals("-m") ? value : extension;
        if (extension.equals("connmark") && option.equals("--mark")) {
          matches.add(Match.of(Field.CONNECTION_MARK, isNegated, List.of(value)));
        } else if (!NO_MATTER.contains(option)) {
          String second = i + 2 < words.size() ? words.get(i + 2) : "";
          matches.add(match(option, value, second, isNegated));
        }
        isNegated = false;
        i += value.startsWith("-") || value.equals("!") ? 0 : 1;
      }
    }
    return new FilterRule(matches, List.of(), Verdict.CONTINUE, "", "the rule '" + line + "'");
  }

  /** What a target of iptables does; a name that is none of them is a chain. */
  static Verdict verdict(String target) {
    return switch (target) {
      // A program decides over what is queued; mostly it lets pass.
      case "ACCEPT", "NFQUEUE" -> Verdict.ACCEPT;
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
          "HL",
          "ECN",
          "TEE",
          "RATEEST",
          "TCPOPTSTRIP",
          "SYNPROXY",
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

  /** What a target does to a packet besides its verdict. */
  static List<Effect> effects(String target, List<String> options) {
    return switch (target) {
      case "NOTRACK" -> List.of(new Effect.NoTracking());
      case "CT" ->
          options.contains("--notrack")
              ? List.of(new Effect.NoTracking())
              : after("--zone", options)
                  .map(zone -> List.<Effect>of(new Effect.Zone(zone, true)))
                  .orElse(List.of());
      case "MARK" -> List.of(new Effect.Mark(Marked.PACKET, written(options)));
      case "CONNMARK" ->
          options.contains("--save-mark")
              ? List.of(new Effect.CopyMark(Marked.CONNECTION))
              : options.contains("--restore-mark")
                  ? List.of(new Effect.CopyMark(Marked.PACKET))
                  : List.of(new Effect.Mark(Marked.CONNECTION, written(options)));
      case "SET" ->
          after("--add-set", options)
              .map(set -> List.<Effect>of(new Effect.Join(set)))
              .orElse(List.of());
      default -> List.of();
    };
  }

  private static Optional<String> after(String option, List<String> options) {
    int at = options.indexOf(option);
    return at >= 0 && at + 1 < options.size() ? Optional.of(options.get(at + 1)) : Optional.empty();
  }

  /** What a mark becomes where all of it is written. */
  private static OptionalLong written(List<String> options) {
    Optional<String> value = after("--set-xmark", options).or(() -> after("--set-mark", options));
    String[] parts = value.orElse("").split("/", 2);
    boolean isWhole = parts.length == 1 || parts[1].equals("0xffffffff");
    try {
      return isWhole ? OptionalLong.of(Long.decode(parts[0])) : OptionalLong.empty();
    } catch (NumberFormatException odd) {
      return OptionalLong.empty();
    }
  }

  private static Match match(String option, String value, String second, boolean isNegated) {
    return switch (option) {
      case "-p" ->
          value.equals("all")
              ? Match.of(Field.ALWAYS, isNegated, List.of())
              : Match.of(Field.PROTOCOL, isNegated, List.of(value));
      case "-i" -> Match.of(Field.INTERFACE, isNegated, List.of(value));
      case "-o" -> Match.of(Field.OUT_INTERFACE, isNegated, List.of(value));
      case "--dport", "--dports", "--destination-port" ->
          Match.of(Field.PORT, isNegated, ports(value));
      case "--sport", "--sports", "--source-port" ->
          Match.of(Field.SOURCE_PORT, isNegated, ports(value));
      case "--ports" ->
          Match.anyOf(
              isNegated,
              List.of(
                  List.of(Match.of(Field.PORT, false, ports(value))),
                  List.of(Match.of(Field.SOURCE_PORT, false, ports(value)))));
      case "--ctorigdstport" -> Match.of(Field.ORIGINAL_PORT, isNegated, ports(value));
      case "--ctreplsrcport" -> Match.of(Field.REPLY_PORT, isNegated, ports(value));
      case "--ctproto" -> Match.of(Field.PROTOCOL, isNegated, List.of(value));
      case "--ctdir" -> Match.of(Field.DIRECTION, isNegated, List.of(lower(value)));
      case "--ctstate", "--state" ->
          Match.of(Field.STATE, isNegated, List.of(lower(value).split(",")));
      case "--ctstatus" ->
          Match.of(Field.STATUS, isNegated, List.of(lower(value).replace('_', '-').split(",")));
      case "-s" -> address(Field.SOURCE, isNegated, value);
      case "-d" -> address(Field.DESTINATION, isNegated, value);
      case "--ctorigsrc", "--ctrepldst" -> address(Field.PEER, isNegated, value);
      case "--ctorigdst" -> address(Field.ORIGINAL_DESTINATION, isNegated, value);
      case "--src-range" -> Match.of(Field.SOURCE, isNegated, List.of(value));
      case "--source-country", "--src-cc" -> Match.of(Field.SOURCE, isNegated, List.of(value));
      case "--match-set" ->
          second.startsWith("dst")
              ? Match.of(Field.DESTINATION, isNegated, List.of(value))
              : Match.of(Field.SOURCE, isNegated, List.of(value));
      case "--dst-type" -> kind(Field.TO_US, isNegated, value);
      case "--src-type" -> kind(Field.FROM_US, isNegated, value);
      case "--pkt-type" ->
          Match.of(value.equals("unicast") ? Field.ALWAYS : Field.NEVER, isNegated, List.of());
      case "--tcp-flags" ->
          Match.of(
              Field.FLAGS,
              isNegated,
              List.of(lower(value).replace("all", ALL_FLAGS), lower(second)));
      case "--syn" -> Match.of(Field.FLAGS, isNegated, List.of("fin,syn,rst,ack", "syn"));
      case "--helper", "-f", "--invert" -> Match.of(Field.NEVER, isNegated, List.of());
      case "--mark" -> Match.of(Field.MARK, isNegated, List.of(value));
      case "--limit", "--hashlimit-upto", "--hashlimit", "--connlimit-upto", "--set", "--quota" ->
          Match.of(Field.USUAL, isNegated, List.of(option));
      case "--hashlimit-above", "--connlimit-above", "--update", "--rcheck", "--remove" ->
          Match.of(Field.UNUSUAL, isNegated, List.of(option));
      default ->
          isDetail(option)
              ? Match.of(Field.ALWAYS, false, List.of())
              : Match.of(Field.OTHER, isNegated, List.of(option + " " + value));
    };
  }

  /** Says more about a condition that another option of its rule makes. */
  private static boolean isDetail(String option) {
    return option.startsWith("--limit-burst")
        || option.startsWith("--hashlimit-")
        || option.startsWith("--connlimit-")
        || List.of("--name", "--mask", "--rsource", "--rdest", "--seconds", "--hitcount", "--rttl")
            .contains(option)
        || List.of(
                "--limit-iface-in",
                "--return-nomatch",
                "--reap",
                "--loose",
                "--validmark",
                "--accept-local")
            .contains(option);
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  private static Match address(Field field, boolean isNegated, String value) {
    return Match.of(
        field,
        isNegated,
        List.of(),
        Arrays.stream(value.split(","))
            .flatMap(each -> IpPrefix.find(each).stream())
            .map(AddressRange::of)
            .toList());
  }

  private static Match kind(Field field, boolean isNegated, String value) {
    List<String> kinds = List.of(lower(value).split(","));
    return kinds.contains("local")
        ? Match.of(field, isNegated, List.of())
        : kinds.contains("unicast")
            ? Match.of(field, !isNegated, List.of())
            : Match.of(Field.NEVER, isNegated, List.of());
  }

  private static List<String> ports(String value) {
    return Arrays.asList(value.replace(':', '-').split(","));
  }
}
