package dev.tlswaiver.firewall;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tlswaiver.firewall.Effect.Marked;
import dev.tlswaiver.firewall.FilterRule.Verdict;
import dev.tlswaiver.firewall.Match.Field;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What {@code nft -j list ruleset} prints: chains, with the contents of the sets that their rules
 * name. Our own table is left out. What is not understood becomes a condition that may hold or not.
 */
final class NftListing {
  private static final List<String> FAMILIES = List.of("inet", "ip", "ip6");

  /** Statements that change nothing about where a packet goes. */
  private static final List<String> NO_MATTER =
      List.of(
          "counter",
          "log",
          "mangle",
          "ct helper",
          "ct timeout",
          "ct expectation",
          "map",
          "flow",
          "last",
          "secmark",
          "synproxy",
          "dup");

  /** What of a packet's TCP flags can be looked at. */
  private static final String ALL_FLAGS = "fin,syn,rst,psh,ack,urg,ecn,cwr";

  private final Map<String, JsonArray> elements = new HashMap<>();
  private final Map<String, JsonObject> chains = new LinkedHashMap<>();
  private final Map<String, List<FilterRule>> rules = new HashMap<>();

  /** Tables that are switched off. */
  private final List<String> dormant = new ArrayList<>();

  private NftListing() {}

  /**
   * The chains of the families that peers come by.
   *
   * @throws RuntimeException if it is not what nft prints
   */
  static List<FilterChain> parse(String json) {
    NftListing listing = new NftListing();
    JsonArray all = JsonParser.parseString(json).getAsJsonObject().getAsJsonArray("nftables");
    all.forEach(item -> listing.addTable(item.getAsJsonObject()));
    all.forEach(item -> listing.addSet(item.getAsJsonObject()));
    all.forEach(item -> listing.addChain(item.getAsJsonObject()));
    return listing.chains();
  }

  private void addTable(JsonObject item) {
    if (item.has("table")) {
      JsonObject table = item.getAsJsonObject("table");
      if (table.has("flags") && table.get("flags").toString().contains("\"dormant\"")) {
        dormant.add(text(table, "family") + " " + text(table, "name"));
      }
    }
  }

  private void addSet(JsonObject item) {
    for (String kind : List.of("set", "map")) {
      if (item.has(kind)) {
        JsonObject set = item.getAsJsonObject(kind);
        elements.put(
            key(set, "name"), set.has("elem") ? set.getAsJsonArray("elem") : new JsonArray());
      }
    }
  }

  private void addChain(JsonObject item) {
    if (item.has("chain") && isOfInterest(item.getAsJsonObject("chain"))) {
      JsonObject chain = item.getAsJsonObject("chain");
      chains.put(key(chain, "name"), chain);
    }
    if (item.has("rule") && isOfInterest(item.getAsJsonObject("rule"))) {
      JsonObject rule = item.getAsJsonObject("rule");
      rules.computeIfAbsent(key(rule, "chain"), chain -> new ArrayList<>()).addAll(rules(rule));
    }
  }

  private boolean isOfInterest(JsonObject object) {
    boolean isOurs = text(object, "table").equals("tlswaiver");
    return FAMILIES.contains(text(object, "family")) && !isOurs && !dormant.contains(key(object));
  }

  private static String key(JsonObject object, String name) {
    return key(object) + " " + text(object, name);
  }

  private static String key(JsonObject object) {
    return text(object, "family") + " " + text(object, "table");
  }

  private static String text(JsonObject object, String name) {
    return object.has(name) ? object.get(name).getAsString() : "";
  }

  private List<FilterChain> chains() {
    List<FilterChain> all = new ArrayList<>();
    chains.forEach(
        (key, chain) ->
            all.add(
                new FilterChain(
                    FilterChain.Origin.NFT,
                    text(chain, "family"),
                    text(chain, "table"),
                    text(chain, "name"),
                    text(chain, "type"),
                    text(chain, "hook"),
                    chain.has("prio") ? chain.get("prio").getAsInt() : 0,
                    text(chain, "policy").equals("drop"),
                    rules.getOrDefault(key, List.of()))));
    return all;
  }

  /** A rule, or as many as its verdict map has elements. */
  private List<FilterRule> rules(JsonObject rule) {
    List<Match> matches = new ArrayList<>();
    List<Effect> effects = new ArrayList<>();
    String label = "the rule with handle " + text(rule, "handle");
    for (JsonElement element : rule.getAsJsonArray("expr")) {
      Map.Entry<String, JsonElement> statement =
          element.getAsJsonObject().entrySet().iterator().next();
      String name = statement.getKey();
      JsonElement value = statement.getValue();
      if (name.equals("match")) {
        matches.addAll(matches(rule, value.getAsJsonObject()));
      } else if (name.equals("vmap")) {
        return ofMap(rule, matches, effects, value.getAsJsonObject(), label);
      } else if (name.equals("xt")) {
        JsonObject extension = value.getAsJsonObject();
        String target = text(extension, "name");
        if (!text(extension, "type").equals("target")) {
          matches.add(Match.unreadable(target));
        } else {
          effects.addAll(IptablesListing.effects(target, List.of()));
          return List.of(
              new FilterRule(matches, effects, IptablesListing.verdict(target), "", label));
        }
      } else if (name.equals("queue")) {
        // A program decides; mostly it lets pass, and then the next base chain is asked.
        matches.add(Match.of(Field.USUAL, false, List.of(name)));
        return List.of(new FilterRule(matches, effects, Verdict.ACCEPT, "", label));
      } else if (verdict(element.getAsJsonObject()).isPresent()) {
        return List.of(verdictRule(matches, effects, element.getAsJsonObject(), label));
      } else {
        effects.addAll(effects(name, value));
        matches.addAll(limits(name, value));
      }
    }
    return List.of(new FilterRule(matches, effects, Verdict.CONTINUE, "", label));
  }

  private static List<Effect> effects(String name, JsonElement value) {
    return switch (name) {
      case "notrack" -> List.of(new Effect.NoTracking());
      case "set" -> {
        JsonObject set = value.getAsJsonObject();
        boolean isOfSource =
            !text(set, "op").equals("delete") && set.get("elem").toString().contains("\"saddr\"");
        yield isOfSource ? List.of(new Effect.Join(text(set, "set"))) : List.of();
      }
      case "mangle" -> mark(value.getAsJsonObject());
      default -> List.of();
    };
  }

  private static List<Effect> mark(JsonObject mangle) {
    JsonElement key = mangle.get("key");
    String subject = key.isJsonObject() ? subject(key.getAsJsonObject()) : "";
    JsonElement value = mangle.get("value");
    return switch (subject) {
      case "meta mark" -> List.of(mark(Marked.PACKET, "ct mark", value));
      case "ct mark" -> List.of(mark(Marked.CONNECTION, "meta mark", value));
      case "ct zone" -> List.of(new Effect.Zone(value.toString(), true));
      case "ct zone original", "ct zone reply" -> List.of(new Effect.Zone(value.toString(), false));
      default -> List.of();
    };
  }

  private static Effect mark(Marked target, String other, JsonElement value) {
    if (value.isJsonObject() && subject(value.getAsJsonObject()).equals(other)) {
      return new Effect.CopyMark(target);
    }
    boolean isNumber = value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
    return new Effect.Mark(
        target, isNumber ? OptionalLong.of(value.getAsLong()) : OptionalLong.empty());
  }

  /** Conditions within statements: rates, numbers, sizes. */
  private static List<Match> limits(String name, JsonElement value) {
    return switch (name) {
      case "limit", "ct count", "quota" -> List.of(limit(name, value));
      case "set", "meter" -> {
        JsonElement inner = value.isJsonObject() ? value.getAsJsonObject().get("stmt") : null;
        List<JsonElement> all =
            inner == null
                ? List.of()
                : inner.isJsonArray() ? inner.getAsJsonArray().asList() : List.of(inner);
        yield all.stream()
            .filter(JsonElement::isJsonObject)
            .flatMap(each -> each.getAsJsonObject().entrySet().stream())
            .flatMap(each -> limits(each.getKey(), each.getValue()).stream())
            .toList();
      }
      default ->
          NO_MATTER.contains(name) || name.equals("notrack")
              ? List.of()
              : List.of(Match.other(name + value));
    };
  }

  private static Match limit(String name, JsonElement value) {
    boolean isOver =
        value.isJsonObject()
            && value.getAsJsonObject().has("inv")
            && value.getAsJsonObject().get("inv").getAsBoolean();
    return Match.of(isOver ? Field.UNUSUAL : Field.USUAL, false, List.of(name));
  }

  private static FilterRule verdictRule(
      List<Match> matches, List<Effect> effects, JsonObject statement, String label) {
    Map.Entry<String, JsonElement> entry = statement.entrySet().iterator().next();
    String target =
        entry.getValue().isJsonObject() ? text(entry.getValue().getAsJsonObject(), "target") : "";
    return new FilterRule(matches, effects, verdict(statement).orElseThrow(), target, label);
  }

  private static Optional<Verdict> verdict(JsonObject statement) {
    return switch (statement.keySet().iterator().next()) {
      case "accept" -> Optional.of(Verdict.ACCEPT);
      case "drop", "reject" -> Optional.of(Verdict.DROP);
      case "dnat", "redirect", "tproxy" -> Optional.of(Verdict.TRANSLATE);
      case "jump" -> Optional.of(Verdict.JUMP);
      case "goto" -> Optional.of(Verdict.GOTO);
      case "return" -> Optional.of(Verdict.RETURN);
      default -> Optional.empty();
    };
  }

  /** Of a map's elements the one for all others stands behind them. */
  private List<FilterRule> ofMap(
      JsonObject rule, List<Match> matches, List<Effect> effects, JsonObject map, String label) {
    List<FilterRule> all = new ArrayList<>();
    List<FilterRule> others = new ArrayList<>();
    for (JsonElement item : elements(rule, map.get("data"))) {
      JsonArray pair = item.getAsJsonArray();
      boolean isForOthers = word(pair.get(0)).equals("*");
      List<Match> narrowed = new ArrayList<>(matches);
      if (!isForOthers) {
        JsonObject match = new JsonObject();
        match.addProperty("op", "==");
        match.add("left", map.get("key"));
        match.add("right", pair.get(0));
        narrowed.addAll(matches(rule, match));
      }
      JsonElement verdict = pair.get(1);
      if (verdict.isJsonObject() && verdict(verdict.getAsJsonObject()).isPresent()) {
        (isForOthers ? others : all)
            .add(verdictRule(narrowed, effects, verdict.getAsJsonObject(), label));
      }
    }
    all.addAll(others);
    return all;
  }

  /**
   * One condition, or for a concatenation one about each of its fields, and one about which value
   * of a field goes with which of another.
   */
  private List<Match> matches(JsonObject rule, JsonObject match) {
    JsonElement left = match.get("left");
    boolean isConcatenation =
        left != null && left.isJsonObject() && left.getAsJsonObject().has("concat");
    if (!isConcatenation) {
      return List.of(match(rule, match));
    }
    boolean isNegated = text(match, "op").equals("!=");
    List<Match> all = new ArrayList<>();
    JsonArray fields = left.getAsJsonObject().getAsJsonArray("concat");
    List<JsonElement> elements = elements(rule, match.get("right"));
    List<JsonArray> columns = new ArrayList<>();
    fields.forEach(field -> columns.add(new JsonArray()));
    List<List<Match>> rows = new ArrayList<>();
    for (JsonElement element : elements) {
      JsonElement value = value(element);
      if (!value.isJsonObject()) {
        rows.add(List.of()); // The one for all others.
        continue;
      }
      JsonArray values = value.getAsJsonObject().getAsJsonArray("concat");
      List<Match> row = new ArrayList<>();
      for (int i = 0; i < fields.size(); i++) {
        columns.get(i).add(values.get(i));
        row.add(match(rule, equality(fields.get(i), values.get(i))));
      }
      rows.add(row);
    }
    boolean isForAll = rows.stream().anyMatch(List::isEmpty);
    for (int i = 0; i < fields.size() && !isNegated && !isForAll; i++) {
      JsonObject set = new JsonObject();
      set.add("set", columns.get(i));
      all.add(match(rule, equality(fields.get(i), set)));
    }
    all.add(Match.anyOf(isNegated, rows));
    return all;
  }

  private static JsonObject equality(JsonElement left, JsonElement right) {
    JsonObject match = new JsonObject();
    match.addProperty("op", "==");
    match.add("left", left);
    match.add("right", right);
    return match;
  }

  private Match match(JsonObject rule, JsonObject match) {
    boolean isNegated = text(match, "op").equals("!=");
    JsonElement left = match.get("left");
    JsonElement right = ordered(text(match, "op"), match.get("right"));
    if (!left.isJsonObject() || right == null) {
      return Match.other(match.toString());
    }
    boolean isOfBits = text(match, "op").equals("in");
    JsonObject subject = left.getAsJsonObject();
    if (subject(subject).equals("tcp flags")) {
      return isOfBits
          ? Match.of(Field.FLAGS, true, List.of(list(right), ""))
          : Match.of(Field.FLAGS, isNegated, List.of(ALL_FLAGS, list(right)));
    }
    return bits(subject, right, isNegated).orElseGet(() -> match(rule, subject, right, isNegated));
  }

  /** A comparison is a range; null where it is one of something else than numbers. */
  private static @Nullable JsonElement ordered(String operator, JsonElement right) {
    if (!List.of("<", ">", "<=", ">=").contains(operator)) {
      return right;
    }
    if (!right.isJsonPrimitive() || !right.getAsJsonPrimitive().isNumber()) {
      return null;
    }
    long value = right.getAsLong();
    long first = operator.startsWith("<") ? 0 : operator.equals(">") ? value + 1 : value;
    long last = operator.startsWith(">") ? 0xffff_ffffL : operator.equals("<") ? value - 1 : value;
    JsonArray ends = new JsonArray();
    ends.add(first);
    ends.add(last);
    JsonObject range = new JsonObject();
    range.add("range", ends);
    return range;
  }

  private Match match(JsonObject rule, JsonObject left, JsonElement right, boolean isNegated) {
    List<String> words = words(rule, right);
    return switch (subject(left)) {
      case "tcp dport", "th dport" -> Match.of(Field.PORT, isNegated, words);
      case "tcp sport", "th sport" -> Match.of(Field.SOURCE_PORT, isNegated, words);
      case "ct proto-dst original" -> Match.of(Field.ORIGINAL_PORT, isNegated, words);
      case "ct proto-src reply" -> Match.of(Field.REPLY_PORT, isNegated, words);
      case "ct state" -> Match.of(Field.STATE, isNegated, words);
      case "ct status" -> Match.of(Field.STATUS, isNegated, words);
      case "ct direction" -> Match.of(Field.DIRECTION, isNegated, words);
      case "ct helper" -> Match.of(Field.NEVER, isNegated, List.of());
      case "ct mark" -> Match.of(Field.CONNECTION_MARK, isNegated, words);
      case "meta mark" -> Match.of(Field.MARK, isNegated, words);
      case "meta pkttype" ->
          Match.of(
              words.contains("host") || words.contains("unicast") ? Field.ALWAYS : Field.NEVER,
              isNegated,
              List.of());
      case "meta l4proto", "ip protocol", "ip6 nexthdr", "ct protocol original", "ct protocol" ->
          Match.of(Field.PROTOCOL, isNegated, words);
      case "meta nfproto", "meta protocol", "ct l3proto", "ct l3proto original" ->
          Match.of(
              Field.FAMILY,
              isNegated,
              words.stream()
                  .map(word -> word.equals("ip") ? "ipv4" : word.equals("ip6") ? "ipv6" : word)
                  .toList());
      case "meta iif", "meta iifname" -> Match.of(Field.INTERFACE, isNegated, words);
      case "meta oif", "meta oifname" -> Match.of(Field.OUT_INTERFACE, isNegated, words);
      case "ip saddr", "ip6 saddr" -> address(Field.SOURCE, rule, left, right, isNegated);
      case "ip daddr", "ip6 daddr" -> address(Field.DESTINATION, rule, left, right, isNegated);
      case "ct ip saddr original",
          "ct ip6 saddr original",
          "ct ip daddr reply",
          "ct ip6 daddr reply" ->
          address(Field.PEER, rule, left, right, isNegated);
      case "ct ip daddr original", "ct ip6 daddr original" ->
          address(Field.ORIGINAL_DESTINATION, rule, left, right, isNegated);
      default -> rare(left, right, words, isNegated);
    };
  }

  private static Match rare(
      JsonObject left, JsonElement right, List<String> words, boolean isNegated) {
    String subject = subject(left);
    String protocol = subject.split(" ", 2)[0];
    if (List.of("udp", "udplite", "sctp", "dccp", "icmp", "icmpv6", "igmp", "ah", "esp")
        .contains(protocol)) {
      // Whatever is compared with it: the protocol is another one.
      return Match.of(Field.PROTOCOL, false, List.of("another"));
    }
    if (left.has("fib")) {
      return fib(left.getAsJsonObject("fib"), right, words, isNegated);
    }
    return Match.of(Field.OTHER, isNegated, List.of(left + " " + right));
  }

  /** What this host knows of an address: it is its own, or there is a way back to it. */
  private static Match fib(
      JsonObject fib, JsonElement right, List<String> words, boolean isNegated) {
    boolean isOfSource = fib.get("flags").toString().contains("\"saddr\"");
    if (text(fib, "result").equals("type")) {
      Field field = isOfSource ? Field.FROM_US : Field.TO_US;
      boolean hasLocal = words.contains("local");
      return hasLocal
          ? Match.of(field, isNegated, List.of())
          : words.contains("unicast")
              ? Match.of(field, !isNegated, List.of())
              : Match.of(Field.NEVER, isNegated, List.of());
    }
    boolean isMissing =
        right.isJsonPrimitive()
            && (right.getAsJsonPrimitive().isBoolean()
                ? !right.getAsBoolean()
                : right.getAsString().equals("0"));
    boolean isExisting = right.isJsonPrimitive() && right.getAsJsonPrimitive().isBoolean();
    if (isMissing || isExisting) {
      return Match.of(isMissing ? Field.NEVER : Field.ALWAYS, isNegated, List.of());
    }
    return Match.of(Field.OTHER, isNegated, List.of(fib + " " + right));
  }

  /** An address of one family says which family it is, too. */
  private Match address(
      Field field, JsonObject rule, JsonObject left, JsonElement right, boolean isNegated) {
    boolean isIpv6 = subject(left).contains("ip6 ");
    List<AddressRange> ranges =
        elements(rule, right).stream()
            .flatMap(element -> range(element).stream())
            .filter(range -> range.isIpv6() == isIpv6)
            .toList();
    List<String> values = new ArrayList<>(List.of(isIpv6 ? "ipv6" : "ipv4"));
    if (right.isJsonPrimitive() && right.getAsString().startsWith("@")) {
      values.add(right.getAsString()); // A rule may put the peer into it.
    }
    return Match.of(field, isNegated, values, ranges);
  }

  /** {@code ct status & dnat != 0}, the same with nothing but equality, marks, and TCP's flags. */
  private static Optional<Match> bits(JsonObject left, JsonElement right, boolean isNegated) {
    if (!left.has("&") || !left.get("&").isJsonArray()) {
      return Optional.empty();
    }
    JsonArray and = left.getAsJsonArray("&");
    String subject = and.get(0).isJsonObject() ? subject(and.get(0).getAsJsonObject()) : "";
    JsonElement mask = and.get(1);
    boolean isZero = right.isJsonPrimitive() && right.getAsString().equals("0");
    return Optional.of(
        switch (subject) {
          case "tcp flags" ->
              Match.of(Field.FLAGS, isNegated, List.of(list(mask), isZero ? "" : list(right)));
          case "ct status", "ct state" ->
              Match.of(
                  subject.equals("ct state") ? Field.STATE : Field.STATUS,
                  isZero != isNegated,
                  List.of(list(mask).split(",")));
          case "meta mark", "ct mark" ->
              Match.of(
                  subject.equals("ct mark") ? Field.CONNECTION_MARK : Field.MARK,
                  isNegated,
                  List.of(word(right) + "/" + word(mask)));
          default -> Match.of(Field.OTHER, isNegated, List.of(left + " " + right));
        });
  }

  /** Flags, alone or several, however nft writes that. */
  private static String list(JsonElement flags) {
    if (flags.isJsonPrimitive()) {
      return flags.getAsString();
    }
    JsonElement all = flags;
    if (flags.isJsonObject()) {
      all = flags.getAsJsonObject().entrySet().iterator().next().getValue();
    }
    return all.getAsJsonArray().asList().stream()
        .map(NftListing::list)
        .collect(Collectors.joining(","));
  }

  private static String subject(JsonObject left) {
    if (left.has("payload")) {
      JsonObject payload = left.getAsJsonObject("payload");
      if (text(payload, "base").equals("th") && text(payload, "len").equals("16")) {
        return text(payload, "offset").equals("16")
            ? "th dport"
            : text(payload, "offset").equals("0") ? "th sport" : "th";
      }
      return text(payload, "protocol") + " " + text(payload, "field");
    }
    if (left.has("ct")) {
      JsonObject ct = left.getAsJsonObject("ct");
      return ("ct " + text(ct, "key") + " " + text(ct, "dir")).strip();
    }
    return left.has("meta") ? "meta " + text(left.getAsJsonObject("meta"), "key") : "";
  }

  /** The elements of a named or an anonymous set; a value alone is one. */
  private List<JsonElement> elements(JsonObject rule, JsonElement right) {
    JsonElement values = right;
    if (right.isJsonPrimitive() && right.getAsString().startsWith("@")) {
      String name = key(rule) + " " + right.getAsString().substring(1);
      values = elements.getOrDefault(name, new JsonArray());
    } else if (right.isJsonObject() && right.getAsJsonObject().has("set")) {
      values = right.getAsJsonObject().get("set");
    }
    return values.isJsonArray() ? values.getAsJsonArray().asList() : List.of(values);
  }

  private List<String> words(JsonObject rule, JsonElement right) {
    return elements(rule, right).stream().map(NftListing::word).toList();
  }

  private static String word(JsonElement element) {
    JsonElement value = value(element);
    if (value.isJsonPrimitive()) {
      return value.getAsString();
    }
    JsonArray range =
        value.isJsonObject() && value.getAsJsonObject().has("range")
            ? value.getAsJsonObject().getAsJsonArray("range")
            : new JsonArray();
    return range.size() == 2 ? range.get(0).getAsString() + "-" + range.get(1).getAsString() : "";
  }

  /** Without its timeout, counter and comment. */
  private static JsonElement value(JsonElement element) {
    return element.isJsonObject() && element.getAsJsonObject().has("elem")
        ? element.getAsJsonObject().getAsJsonObject("elem").get("val")
        : element;
  }

  private static Optional<AddressRange> range(JsonElement element) {
    JsonElement value = value(element);
    if (value.isJsonPrimitive()) {
      return IpAddress.find(value.getAsString()).map(IpAddress::toPrefix).map(AddressRange::of);
    }
    JsonObject object = value.isJsonObject() ? value.getAsJsonObject() : new JsonObject();
    if (object.has("prefix")) {
      JsonObject prefix = object.getAsJsonObject("prefix");
      return IpPrefix.find(text(prefix, "addr") + "/" + text(prefix, "len")).map(AddressRange::of);
    }
    return object.has("range")
        ? range(object.getAsJsonArray("range").get(0), object.getAsJsonArray("range").get(1))
        : Optional.empty();
  }

  private static Optional<AddressRange> range(JsonElement first, JsonElement last) {
    Optional<IpAddress> from = IpAddress.find(first.getAsString());
    Optional<IpAddress> to = IpAddress.find(last.getAsString());
    boolean isRange =
        from.isPresent()
            && to.isPresent()
            && from.get().isIpv6() == to.get().isIpv6()
            && from.get().compareTo(to.get()) <= 0;
    return isRange ? Optional.of(new AddressRange(from.get(), to.get())) : Optional.empty();
  }
}
