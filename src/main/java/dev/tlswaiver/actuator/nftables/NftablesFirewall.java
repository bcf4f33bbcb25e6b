package dev.tlswaiver.actuator.nftables;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.tlswaiver.actuator.Firewall;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Programs.Result;
import dev.tlswaiver.actuator.RejectedException;
import dev.tlswaiver.actuator.Ruleset;
import dev.tlswaiver.actuator.Stage;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Rung;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The table {@code inet tlswaiver} of this network namespace. */
public final class NftablesFirewall implements Firewall {
  private static final String TABLE = "inet tlswaiver";

  private final Programs programs;

  public NftablesFirewall(Programs programs) {
    this.programs = programs;
  }

  @Override
  public Ruleset actual(Instant now) throws HostException {
    Result tables = programs.run("nft", "-j", "list", "tables");
    if (!tables.isGood()) {
      throw new HostException("nft can't list tables; are we root? " + tables.said());
    }
    if (!tables.out().contains("\"name\": \"tlswaiver\"")) {
      return new Ruleset(0, Map.of());
    }
    Result table = programs.run("nft", "-j", "list", "table", "inet", "tlswaiver");
    if (!table.isGood()) {
      return new Ruleset(0, Map.of());
    }
    try {
      return read(JsonParser.parseString(table.out()).getAsJsonObject(), now);
    } catch (JsonParseException | IllegalStateException | NullPointerException odd) {
      throw new HostException("nft printed what we can't read: " + odd.getMessage(), odd);
    }
  }

  private static Ruleset read(JsonObject json, Instant now) {
    Map<String, Map<IpPrefix, Instant>> sets = new HashMap<>();
    Map<String, Integer> redirects = new HashMap<>();
    StringBuilder guards = new StringBuilder();
    int publicPort = 0;
    for (JsonElement item : json.getAsJsonArray("nftables")) {
      JsonObject object = item.getAsJsonObject();
      if (object.has("set")) {
        JsonObject set = object.getAsJsonObject("set");
        sets.put(set.get("name").getAsString(), elements(set, now));
      }
      if (object.has("rule")) {
        Rule rule = Rule.of(object.getAsJsonObject("rule"));
        rule.set().ifPresent(set -> redirects.put(set, rule.redirectTo().orElse(0)));
        publicPort = rule.set().isPresent() ? rule.port() : publicPort;
        if (rule.isDrop()) {
          guards.append(' ').append(rule.port()).append(' ');
        }
      }
    }
    Map<Rung, Ruleset.Way> ways = new EnumMap<>(Rung.class);
    for (Rung rung : Rung.values()) {
      Integer port4 = redirects.get(rung.label() + "4");
      Integer port6 = redirects.get(rung.label() + "6");
      if (port4 != null || port6 != null) {
        Map<IpPrefix, Instant> elements = new TreeMap<>();
        elements.putAll(sets.getOrDefault(rung.label() + "4", Map.of()));
        elements.putAll(sets.getOrDefault(rung.label() + "6", Map.of()));
        // A rung whose rules are not complete has no port that any plan could want.
        boolean isWhole =
            port4 != null && port4.equals(port6) && guards.indexOf(" " + port4 + " ") >= 0;
        ways.put(rung, new Ruleset.Way(isWhole && port4 != null ? port4 : 0, elements));
      }
    }
    // A table without a rung of ours is still there to be removed.
    return ways.isEmpty()
        ? new Ruleset(0, Map.of(Rung.DIAGNOSE, new Ruleset.Way(0, Map.of())))
        : new Ruleset(publicPort, ways);
  }

  /** What a rule of ours says: the destination port it matches, and what it does. */
  private record Rule(
      int port, Optional<String> set, Optional<Integer> redirectTo, boolean isDrop) {
    static Rule of(JsonObject rule) {
      int port = 0;
      Optional<String> set = Optional.empty();
      Optional<Integer> redirectTo = Optional.empty();
      boolean isDrop = false;
      for (JsonElement element : rule.getAsJsonArray("expr")) {
        JsonObject expression = element.getAsJsonObject();
        if (expression.has("match")) {
          JsonElement right = expression.getAsJsonObject("match").get("right");
          boolean isPort =
              expression.getAsJsonObject("match").get("left").toString().contains("\"dport\"");
          if (isPort && right.isJsonPrimitive()) {
            port = right.getAsInt();
          } else if (right.isJsonPrimitive() && right.getAsString().startsWith("@")) {
            set = Optional.of(right.getAsString().substring(1));
          }
        }
        if (expression.has("redirect")) {
          redirectTo = Optional.of(expression.getAsJsonObject("redirect").get("port").getAsInt());
        }
        isDrop |= expression.has("drop");
      }
      return new Rule(port, set, redirectTo, isDrop);
    }
  }

  private static Map<IpPrefix, Instant> elements(JsonObject set, Instant now) {
    Map<IpPrefix, Instant> elements = new TreeMap<>();
    if (!set.has("elem")) {
      return elements;
    }
    for (JsonElement item : set.getAsJsonArray("elem")) {
      JsonObject element =
          item.isJsonObject() && item.getAsJsonObject().has("elem")
              ? item.getAsJsonObject().getAsJsonObject("elem")
              : new JsonObject();
      JsonElement value = element.has("val") ? element.get("val") : item;
      // One without a timeout is none of ours; it looks endless, and so is replaced.
      Instant until =
          element.has("expires")
              ? now.plusSeconds(element.get("expires").getAsLong())
              : Instant.MAX.minus(Duration.ofDays(1));
      elements.put(prefix(value), until);
    }
    return elements;
  }

  private static IpPrefix prefix(JsonElement value) {
    if (value.isJsonPrimitive()) {
      return IpAddress.parse(value.getAsString()).toPrefix();
    }
    JsonObject prefix = value.getAsJsonObject().getAsJsonObject("prefix");
    return IpAddress.parse(prefix.get("addr").getAsString()).network(prefix.get("len").getAsInt());
  }

  @Override
  public String transaction(Ruleset next, Instant now) {
    StringBuilder text = new StringBuilder();
    // Added first, so that the deletion can't fail.
    text.append("add table ").append(TABLE).append('\n');
    text.append("delete table ").append(TABLE).append('\n');
    if (next.isEmpty()) {
      return text.toString();
    }
    text.append("table ").append(TABLE).append(" {\n");
    next.rungs().keySet().stream().sorted().forEach(rung -> appendSets(text, rung, next, now));
    text.append("  chain divert {\n");
    text.append("    type nat hook prerouting priority dstnat; policy accept;\n");
    next.rungs().keySet().stream().sorted().forEach(rung -> appendRedirects(text, rung, next));
    text.append("  }\n");
    text.append("  chain guard {\n");
    text.append("    type filter hook input priority filter; policy accept;\n");
    next.rungs().values().stream()
        .map(Ruleset.Way::port)
        .sorted()
        .forEach(
            port ->
                text.append("    tcp dport ")
                    .append(port)
                    .append(" iifname != \"lo\" ct status & dnat == 0 drop\n"));
    text.append("  }\n}\n");
    return text.toString();
  }

  private static void appendSets(StringBuilder text, Rung rung, Ruleset next, Instant now) {
    Map<IpPrefix, Instant> all =
        next.rungs().getOrDefault(rung, new Ruleset.Way(0, Map.of())).elements();
    for (String family : List.of("4", "6")) {
      boolean isIpv6 = family.equals("6");
      text.append("  set ").append(rung.label()).append(family).append(" {\n");
      text.append("    type ").append(isIpv6 ? "ipv6_addr" : "ipv4_addr").append(";\n");
      text.append("    flags interval, timeout;\n");
      String elements =
          all.entrySet().stream()
              .filter(entry -> entry.getKey().isIpv6() == isIpv6)
              .sorted(Map.Entry.comparingByKey())
              .map(
                  entry ->
                      text(entry.getKey()) + " timeout " + seconds(now, entry.getValue()) + "s")
              .collect(Collectors.joining(", "));
      if (!elements.isEmpty()) {
        text.append("    elements = { ").append(elements).append(" }\n");
      }
      text.append("  }\n");
    }
  }

  private static String text(IpPrefix prefix) {
    return prefix.isSingleAddress() ? prefix.network().toString() : prefix.toString();
  }

  private static long seconds(Instant now, Instant until) {
    return Math.max(1, (Duration.between(now, until).toMillis() + 999) / 1_000);
  }

  private static void appendRedirects(StringBuilder text, Rung rung, Ruleset next) {
    int port = next.rungs().getOrDefault(rung, new Ruleset.Way(0, Map.of())).port();
    for (String family : List.of("4", "6")) {
      text.append("    fib daddr type local tcp dport ")
          .append(next.publicPort())
          .append(family.equals("6") ? " ip6" : " ip")
          .append(" saddr @")
          .append(rung.label())
          .append(family)
          .append(" redirect to :")
          .append(port)
          .append('\n');
    }
  }

  @Override
  public void check(Ruleset next, Instant now) throws HostException {
    Result result =
        programs.run(
            List.of("nft", "--check", "-f", "-"), Map.of(), transaction(next, now), Programs.USUAL);
    if (!result.isGood()) {
      throw new RejectedException(Stage.NFT, "nft rejected the transaction: " + result.said());
    }
  }

  @Override
  public void load(Ruleset next, Instant now) throws HostException {
    Result result =
        programs.run(List.of("nft", "-f", "-"), Map.of(), transaction(next, now), Programs.USUAL);
    if (!result.isGood()) {
      throw new HostException("nft refused the transaction: " + result.said());
    }
  }
}
