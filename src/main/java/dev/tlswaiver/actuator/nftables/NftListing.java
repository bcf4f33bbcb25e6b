package dev.tlswaiver.actuator.nftables;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tlswaiver.actuator.nftables.FilterRule.Verdict;
import dev.tlswaiver.actuator.nftables.Match.Field;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code nft -j list ruleset} prints: chains, with the contents of the sets that their rules
 * name. Our own table is left out. What is not understood becomes a condition that may hold or not.
 */
final class NftListing {
  private static final List<String> FAMILIES = List.of("inet", "ip", "ip6");

  /** Statements that change nothing about where a packet goes. */
  private static final List<String> NO_MATTER =
      List.of("counter", "log", "mangle", "ct helper", "set", "notrack", "quota", "meter");

  private final Map<String, JsonArray> elements = new HashMap<>();
  private final Map<String, JsonObject> chains = new LinkedHashMap<>();
  private final Map<String, List<FilterRule>> rules = new HashMap<>();

  private NftListing() {}

  /**
   * The chains of the families that peers come by.
   *
   * @throws RuntimeException if it is not what nft prints
   */
  static List<FilterChain> parse(String json) {
    NftListing listing = new NftListing();
    JsonArray all = JsonParser.parseString(json).getAsJsonObject().getAsJsonArray("nftables");
    all.forEach(item -> listing.addSet(item.getAsJsonObject()));
    all.forEach(item -> listing.addChain(item.getAsJsonObject()));
    return listing.chains();
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

  private static boolean isOfInterest(JsonObject object) {
    boolean isOurs = text(object, "table").equals("tlswaiver");
    return FAMILIES.contains(text(object, "family")) && !isOurs;
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
    String label = "the rule with handle " + text(rule, "handle");
    for (JsonElement element : rule.getAsJsonArray("expr")) {
      Map.Entry<String, JsonElement> statement =
          element.getAsJsonObject().entrySet().iterator().next();
      String name = statement.getKey();
      if (name.equals("match")) {
        matches.addAll(matches(rule, statement.getValue().getAsJsonObject()));
      } else if (name.equals("vmap")) {
        return ofMap(rule, matches, statement.getValue().getAsJsonObject(), label);
      } else if (name.equals("xt")) {
        JsonObject extension = statement.getValue().getAsJsonObject();
        if (!text(extension, "type").equals("target")) {
          matches.add(Match.unreadable(text(extension, "name")));
        } else {
          return List.of(
              new FilterRule(matches, IptablesListing.verdict(text(extension, "name")), "", label));
        }
      } else if (verdict(element.getAsJsonObject()).isPresent()) {
        return List.of(verdictRule(matches, element.getAsJsonObject(), label));
      } else if (!NO_MATTER.contains(name)) {
        matches.add(Match.other());
      }
    }
    return List.of(new FilterRule(matches, Verdict.CONTINUE, "", label));
  }

  private static FilterRule verdictRule(List<Match> matches, JsonObject statement, String label) {
    Map.Entry<String, JsonElement> entry = statement.entrySet().iterator().next();
    String target =
        entry.getValue().isJsonObject() ? text(entry.getValue().getAsJsonObject(), "target") : "";
    return new FilterRule(matches, verdict(statement).orElseThrow(), target, label);
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

  private List<FilterRule> ofMap(
      JsonObject rule, List<Match> matches, JsonObject map, String label) {
    List<FilterRule> all = new ArrayList<>();
    for (JsonElement item : elements(rule, map.get("data"))) {
      JsonArray pair = item.getAsJsonArray();
      List<Match> narrowed = new ArrayList<>(matches);
      JsonObject match = new JsonObject();
      match.addProperty("op", "==");
      match.add("left", map.get("key"));
      match.add("right", pair.get(0));
      narrowed.addAll(matches(rule, match));
      JsonElement verdict = pair.get(1);
      if (verdict.isJsonObject() && verdict(verdict.getAsJsonObject()).isPresent()) {
        all.add(verdictRule(narrowed, verdict.getAsJsonObject(), label));
      }
    }
    return all;
  }

  /**
   * One condition, or for a concatenation one about each of its fields. Which value of a field goes
   * with which of another is lost: it may hold more often than it does.
   */
  private List<Match> matches(JsonObject rule, JsonObject match) {
    JsonElement left = match.get("left");
    boolean isConcatenation =
        left != null && left.isJsonObject() && left.getAsJsonObject().has("concat");
    if (!isConcatenation) {
      return List.of(match(rule, match));
    }
    if (text(match, "op").equals("!=")) {
      return List.of(Match.other());
    }
    List<Match> all = new ArrayList<>();
    JsonArray fields = left.getAsJsonObject().getAsJsonArray("concat");
    List<JsonElement> elements = elements(rule, match.get("right"));
    for (int i = 0; i < fields.size(); i++) {
      JsonArray values = new JsonArray();
      for (JsonElement element : elements) {
        values.add(value(element).getAsJsonObject().getAsJsonArray("concat").get(i));
      }
      JsonObject set = new JsonObject();
      set.add("set", values);
      JsonObject one = new JsonObject();
      one.addProperty("op", "==");
      one.add("left", fields.get(i));
      one.add("right", set);
      all.add(match(rule, one));
    }
    return all;
  }

  private Match match(JsonObject rule, JsonObject match) {
    boolean isNegated = text(match, "op").equals("!=");
    boolean isOrdered = List.of("<", ">", "<=", ">=").contains(text(match, "op"));
    JsonElement left = match.get("left");
    if (isOrdered || !left.isJsonObject()) {
      return Match.other();
    }
    JsonElement right = match.get("right");
    return bits(left.getAsJsonObject(), right, isNegated)
        .orElseGet(() -> match(rule, left.getAsJsonObject(), right, isNegated));
  }

  private Match match(JsonObject rule, JsonObject left, JsonElement right, boolean isNegated) {
    return switch (subject(left)) {
      case "tcp dport", "th dport" -> Match.of(Field.PORT, isNegated, words(rule, right));
      case "udp dport", "sctp dport", "dccp dport", "icmp type", "icmpv6 type" ->
          Match.of(Field.PROTOCOL, false, List.of("another"));
      case "ct proto-dst original" -> Match.of(Field.ORIGINAL_PORT, isNegated, words(rule, right));
      case "ct state" -> Match.of(Field.STATE, isNegated, words(rule, right));
      case "ct status" -> Match.of(Field.STATUS, isNegated, words(rule, right));
      case "meta l4proto", "ip protocol", "ip6 nexthdr" ->
          Match.of(Field.PROTOCOL, isNegated, words(rule, right));
      case "meta nfproto", "meta protocol" ->
          Match.of(
              Field.FAMILY,
              isNegated,
              words(rule, right).stream()
                  .map(word -> word.equals("ip") ? "ipv4" : word.equals("ip6") ? "ipv6" : word)
                  .toList());
      case "meta iif", "meta iifname" -> Match.of(Field.INTERFACE, isNegated, words(rule, right));
      case "ip saddr", "ip6 saddr" -> source(rule, left, right, isNegated);
      default -> Match.other();
    };
  }

  /** A source of one family says which family it is, too. */
  private Match source(JsonObject rule, JsonObject left, JsonElement right, boolean isNegated) {
    boolean isIpv6 = subject(left).startsWith("ip6");
    List<AddressRange> ranges =
        elements(rule, right).stream()
            .flatMap(element -> range(element).stream())
            .filter(range -> range.isIpv6() == isIpv6)
            .toList();
    return new Match(Field.SOURCE, isNegated, List.of(isIpv6 ? "ipv6" : "ipv4"), ranges);
  }

  /** {@code ct status & dnat != 0}, and the same with nothing but equality. */
  private static Optional<Match> bits(JsonObject left, JsonElement right, boolean isNegated) {
    if (!left.has("&") || !left.get("&").isJsonArray()) {
      return Optional.empty();
    }
    JsonArray and = left.getAsJsonArray("&");
    boolean isStatus =
        and.get(0).isJsonObject()
            && subject(and.get(0).getAsJsonObject()).equals("ct status")
            && and.get(1).toString().contains("dnat");
    boolean isZero = right.isJsonPrimitive() && right.getAsString().equals("0");
    return Optional.of(
        isStatus ? Match.of(Field.STATUS, isZero != isNegated, List.of("dnat")) : Match.other());
  }

  private static String subject(JsonObject left) {
    if (left.has("payload")) {
      JsonObject payload = left.getAsJsonObject("payload");
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
