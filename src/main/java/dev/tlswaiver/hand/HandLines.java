package dev.tlswaiver.hand;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import dev.tlswaiver.actuator.Component;
import dev.tlswaiver.actuator.Stage;
import dev.tlswaiver.actuator.postfix.Capabilities;
import dev.tlswaiver.actuator.postfix.OwnChanges;
import dev.tlswaiver.firewall.AddressRanges;
import dev.tlswaiver.hand.HandAnswer.Extent;
import dev.tlswaiver.hand.HandAnswer.ToldPlan;
import dev.tlswaiver.handshake.Offer;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Rung;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Requests and answers as lines of JSON:
 *
 * <pre>
 * {"version": 1, "ask": "apply", "ended": [40], "desired":
 *     [{"waiver": 41, "rung": "legacy", "networks": ["192.0.2.7/32"], "until": "2026-03-08T10:00:00Z"}]}
 * {"version": 1, "say": "planned", "components": ["redirect"], "text": "nft -f - ...",
 *     "refused": {"41": "the rung legacy is not enabled"}}
 * </pre>
 *
 * <p>Either end may be of another release: what it does not know it leaves out, and another version
 * is told so.
 */
final class HandLines {
  static final int VERSION = 1;

  /** Every waiver that a host can have, with as many addresses as it may, and much room. */
  static final int MOST_REQUEST_BYTES = 1 << 20;

  static final int MOST_ANSWER_BYTES = 8 << 20;

  /** More bans than that are left out: to whoever acts on them they are not news. */
  private static final int MOST_BANS = 20_000;

  private static final int MOST_WORDS = 200;

  private static final Gson GSON = new Gson();

  private HandLines() {}

  /** A line that is no request, or no answer. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message);
    }

    MalformedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** A grant as it is written. */
  record GrantWords(
      long waiver, @Nullable String rung, @Nullable List<String> networks, @Nullable String until) {
    static GrantWords of(Grant grant) {
      return new GrantWords(
          grant.waiver(),
          grant.rung().label(),
          grant.networks().stream().map(IpPrefix::toString).toList(),
          grant.until().toString());
    }

    /**
     * @throws IllegalArgumentException if it is none
     * @throws DateTimeException if it is none
     */
    Grant grant() {
      return new Grant(
          waiver,
          Rung.find(given(rung, "rung"))
              .orElseThrow(() -> new IllegalArgumentException("no such rung")),
          given(networks, "networks").stream()
              .map(network -> IpPrefix.parse(given(network, "network")))
              .toList(),
          Instant.parse(given(until, "until")));
    }
  }

  private record RequestWords(
      int version,
      @Nullable String ask,
      @Nullable List<GrantWords> desired,
      @Nullable List<Long> ended,
      @Nullable String network,
      @Nullable String until) {}

  private record OfferWords(
      @Nullable Set<Integer> versions,
      @Nullable Set<Integer> suites,
      @Nullable Set<Integer> groups) {
    static OfferWords of(Offer offer) {
      return new OfferWords(offer.versions(), offer.suites(), offer.groups());
    }

    Offer offer() {
      return new Offer(
          new TreeSet<>(given(versions, "versions")),
          given(suites, "suites"),
          given(groups, "groups"));
    }
  }

  private record ChangeWords(@Nullable String at, @Nullable String what) {
    OwnChanges.Change change() {
      return new OwnChanges.Change(Instant.parse(given(at, "at")), given(what, "what"));
    }
  }

  /** What an answer has; each kind has some of it. */
  private static final class AnswerWords {
    private int version;
    private @Nullable String say;
    private @Nullable List<String> components;
    private boolean step;
    private @Nullable String text;
    private @Nullable Map<String, String> refused;
    private @Nullable Map<String, String> unreachable;
    private @Nullable List<String> banned;
    private @Nullable List<ChangeWords> changes;
    private @Nullable Map<String, String> impossible;
    private @Nullable Map<String, OfferWords> offers;
    private @Nullable String stage;
  }

  static <T> T given(@Nullable T value, String name) {
    if (value == null) {
      throw new IllegalArgumentException("no " + name);
    }
    return value;
  }

  static String write(HandRequest request) {
    return GSON.toJson(request.accept(new RequestWriter()));
  }

  private static final class RequestWriter
      implements HandRequest.Visitor<RequestWords, RuntimeException> {
    @Override
    public RequestWords abilities() {
      return alone("abilities");
    }

    @Override
    public RequestWords facts() {
      return alone("facts");
    }

    @Override
    public RequestWords plan(HandRequest.Plan request) {
      return of("plan", request.desired());
    }

    @Override
    public RequestWords apply(HandRequest.Apply request) {
      return of("apply", request.desired());
    }

    @Override
    public RequestWords permit(HandRequest.Permit request) {
      return new RequestWords(
          VERSION, "permit", null, null, request.network().toString(), request.until().toString());
    }

    @Override
    public RequestWords forbid(HandRequest.Forbid request) {
      return new RequestWords(VERSION, "forbid", null, null, request.network().toString(), null);
    }

    @Override
    public RequestWords reset() {
      return alone("reset");
    }

    private static RequestWords alone(String ask) {
      return new RequestWords(VERSION, ask, null, null, null, null);
    }

    private static RequestWords of(String ask, Desired desired) {
      return new RequestWords(
          VERSION,
          ask,
          desired.grants().stream().map(GrantWords::of).toList(),
          List.copyOf(desired.ended()),
          null,
          null);
    }
  }

  static HandRequest request(String line) throws MalformedException {
    try {
      RequestWords words = given(GSON.fromJson(line, RequestWords.class), "request");
      if (words.version() != VERSION) {
        throw new MalformedException(
            "version " + words.version() + " is asked for, and this hand speaks " + VERSION);
      }
      return switch (given(words.ask(), "ask")) {
        case "facts" -> new HandRequest.Facts();
        case "abilities" -> new HandRequest.Abilities();
        case "plan" -> new HandRequest.Plan(desired(words));
        case "apply" -> new HandRequest.Apply(desired(words));
        case "permit" ->
            new HandRequest.Permit(
                IpPrefix.parse(given(words.network(), "network")),
                Instant.parse(given(words.until(), "until")));
        case "forbid" -> new HandRequest.Forbid(IpPrefix.parse(given(words.network(), "network")));
        case "reset" -> new HandRequest.Reset();
        default -> throw new MalformedException("no such request");
      };
    } catch (JsonParseException | IllegalArgumentException | DateTimeException malformed) {
      throw new MalformedException("not a request: " + inShort(malformed), malformed);
    }
  }

  /** What somebody wrote who may mean no good, fit for a log. */
  private static String inShort(Exception malformed) {
    String message = String.valueOf(malformed.getMessage());
    return message
        .substring(0, Math.min(message.length(), MOST_WORDS))
        .replaceAll("[\\p{Cc}\\p{Cf}]", "?");
  }

  private static Desired desired(RequestWords words) {
    return Desired.of(
        given(words.desired(), "desired").stream()
            .map(grant -> given(grant, "waiver").grant())
            .toList(),
        given(words.ended(), "ended").stream().map(id -> given(id, "id")).toList());
  }

  static String write(HandAnswer answer) {
    return GSON.toJson(words(answer));
  }

  private static AnswerWords words(HandAnswer answer) {
    AnswerWords words = new AnswerWords();
    words.version = VERSION;
    if (answer instanceof HandAnswer.Facts facts) {
      words.say = "facts";
      words.unreachable = labels(facts.rules().unreachable(), why -> why);
      words.banned = facts.rules().banned().texts().stream().limit(MOST_BANS).toList();
      words.changes =
          facts.changes().stream()
              .map(change -> new ChangeWords(change.at().toString(), change.what()))
              .toList();
    } else if (answer instanceof HandAnswer.Able able) {
      words.say = "able";
      words.impossible = labels(able.capabilities().impossible(), why -> why);
      words.offers = labels(able.capabilities().offers(), OfferWords::of);
    } else if (answer instanceof HandAnswer.Planned planned) {
      words.say = "planned";
      words.components = planned.plan().components().stream().map(Component::label).toList();
      words.step = planned.plan().isStep();
      words.text = planned.plan().render();
      words.refused =
          planned.refused().entrySet().stream()
              .collect(Collectors.toMap(entry -> entry.getKey().toString(), Map.Entry::getValue));
    } else if (answer instanceof HandAnswer.Failed failed) {
      words.say = failed.extent().name().toLowerCase(Locale.ROOT);
      words.text = failed.why();
      words.stage = failed.stage().map(Stage::label).orElse(null);
    } else {
      words.say = "noted";
    }
    return words;
  }

  private static <V, W> Map<String, W> labels(Map<Rung, V> byRung, Function<V, W> written) {
    return byRung.entrySet().stream()
        .collect(
            Collectors.toMap(
                entry -> entry.getKey().label(), entry -> written.apply(entry.getValue())));
  }

  static HandAnswer answer(String line) throws MalformedException {
    try {
      AnswerWords words = given(GSON.fromJson(line, AnswerWords.class), "answer");
      if (words.version != VERSION) {
        throw new MalformedException("it speaks version " + words.version + ", not " + VERSION);
      }
      return switch (given(words.say, "say")) {
        case "facts" ->
            new HandAnswer.Facts(
                new Rules(
                    rungs(given(words.unreachable, "unreachable"), why -> given(why, "reason")),
                    AddressRanges.parse(given(words.banned, "banned"))),
                given(words.changes, "changes").stream().map(ChangeWords::change).toList());
        case "able" ->
            new HandAnswer.Able(
                new Capabilities(
                    rungs(given(words.impossible, "impossible"), why -> given(why, "reason")),
                    rungs(given(words.offers, "offers"), OfferWords::offer)));
        case "planned" -> planned(words);
        case "noted" -> new HandAnswer.Noted();
        case "rejected" -> failed(Extent.REJECTED, words);
        case "undone" -> failed(Extent.UNDONE, words);
        case "denied" -> failed(Extent.DENIED, words);
        default -> failed(Extent.FAILED, words);
      };
    } catch (JsonParseException | IllegalArgumentException | DateTimeException malformed) {
      throw new MalformedException("not an answer: " + malformed.getMessage(), malformed);
    }
  }

  private static HandAnswer planned(AnswerWords words) {
    Map<Long, String> refused = new HashMap<>();
    given(words.refused, "refused").forEach((id, why) -> refused.put(Long.valueOf(id), why));
    return new HandAnswer.Planned(
        new ToldPlan(
            given(words.components, "components").stream()
                .flatMap(label -> Component.find(label).stream())
                .collect(Collectors.toSet()),
            words.step,
            given(words.text, "text")),
        refused);
  }

  private static HandAnswer failed(Extent extent, AnswerWords words) {
    return new HandAnswer.Failed(
        extent, Optional.ofNullable(words.stage).flatMap(Stage::find), given(words.text, "text"));
  }

  private static <V, W> Map<Rung, W> rungs(Map<String, V> byLabel, Function<V, W> read) {
    Map<Rung, W> rungs = new EnumMap<>(Rung.class);
    byLabel.forEach(
        (label, value) ->
            Rung.find(label).ifPresent(rung -> rungs.put(rung, read.apply(given(value, "value")))));
    return rungs;
  }
}
