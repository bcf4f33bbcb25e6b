package dev.tlswaiver.hand;

import static dev.tlswaiver.hand.Wishes.NOON;
import static dev.tlswaiver.hand.Wishes.grant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.actuator.Component;
import dev.tlswaiver.actuator.Stage;
import dev.tlswaiver.actuator.postfix.Capabilities;
import dev.tlswaiver.actuator.postfix.OwnChanges;
import dev.tlswaiver.firewall.AddressRanges;
import dev.tlswaiver.hand.HandAnswer.Extent;
import dev.tlswaiver.hand.HandAnswer.ToldPlan;
import dev.tlswaiver.handshake.Offer;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Rung;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HandLinesTest {

  static List<HandRequest> requests() {
    Desired desired = Desired.of(List.of(grant(41, "192.0.2.7", "2001:db8::1")), List.of(1L, 2L));
    return List.of(
        new HandRequest.Facts(),
        new HandRequest.Abilities(),
        new HandRequest.Plan(desired),
        new HandRequest.Apply(desired),
        new HandRequest.Permit(IpPrefix.parse("192.0.2.0/24"), NOON),
        new HandRequest.Forbid(IpPrefix.parse("192.0.2.0/24")),
        new HandRequest.Reset());
  }

  @ParameterizedTest
  @MethodSource("requests")
  void aRequestIsReadAsItWasWritten(HandRequest request) throws Exception {
    assertThat(HandLines.request(HandLines.write(request))).isEqualTo(request);
  }

  static List<HandAnswer> answers() {
    return List.of(
        new HandAnswer.Noted(),
        new HandAnswer.Able(
            new Capabilities(
                Map.of(Rung.SSLV3, "built without it"),
                Map.of(
                    Rung.LEGACY,
                    new Offer(new TreeSet<>(Set.of(0x0301)), Set.of(0x002f, 0x0005), Set.of(23))))),
        new HandAnswer.Planned(
            new ToldPlan(Set.of(Component.REDIRECT), true, "nft -f - <<END\n"),
            Map.of(41L, "the rung is not enabled")),
        new HandAnswer.Failed(Extent.UNDONE, Optional.of(Stage.PROBE), "no answer"),
        new HandAnswer.Failed(Extent.REJECTED, Optional.of(Stage.PORT), "taken"),
        new HandAnswer.Failed(Extent.DENIED, Optional.empty(), "root alone"),
        new HandAnswer.Failed(Extent.FAILED, Optional.empty(), "no disk"));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void anAnswerIsReadAsItWasWritten(HandAnswer answer) throws Exception {
    assertThat(HandLines.answer(HandLines.write(answer))).isEqualTo(answer);
  }

  @Test
  void factsAreReadAsTheyWereWritten() throws Exception {
    AddressRanges banned =
        AddressRanges.parse(List.of("192.0.2.1-192.0.2.9", "2001:db8::-2001:db8::ff"));
    HandAnswer.Facts facts =
        new HandAnswer.Facts(
            new Rules(Map.of(Rung.LEGACY, "a rule drops it"), banned),
            List.of(new OwnChanges.Change(NOON, "main.cf was changed")));
    HandAnswer.Facts read = (HandAnswer.Facts) HandLines.answer(HandLines.write(facts));
    assertThat(read.changes()).isEqualTo(facts.changes());
    assertThat(read.rules().unreachable()).isEqualTo(facts.rules().unreachable());
    assertThat(read.rules().banned().texts()).isEqualTo(banned.texts());
    assertThat(read.rules().banned().overlap(IpPrefix.parse("192.0.2.8/30"))).isTrue();
    assertThat(read.rules().banned().overlap(IpPrefix.parse("192.0.2.10"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "7",
        "{}",
        "{\"version\": 1}",
        "{\"version\": 2, \"ask\": \"facts\"}",
        "{\"version\": 1, \"ask\": \"sh\"}",
        "{\"version\": 1, \"ask\": \"apply\"}",
        "{\"version\": 1, \"ask\": \"apply\", \"desired\": [null], \"ended\": []}",
        "{\"version\": 1, \"ask\": \"apply\", \"desired\": [{}], \"ended\": []}",
        "{\"version\": 1, \"ask\": \"apply\", \"desired\": [], \"ended\": [null]}",
        "{\"version\": 1, \"ask\": \"apply\", \"desired\": [], \"ended\": [\"x\"]}",
        "{\"version\": 1, \"ask\": \"apply\", \"desired\": [{\"waiver\": 1, \"rung\": \"legacy\","
            + " \"networks\": [\"192.0.2.1; rm\"], \"until\": \"2026-03-01T12:00:00Z\"}], \"ended\": []}",
        "{\"version\": 1, \"ask\": \"apply\", \"desired\": [{\"waiver\": 1, \"rung\": \"legacy\","
            + " \"networks\": [null], \"until\": \"2026-03-01T12:00:00Z\"}], \"ended\": []}",
        "{\"version\": 1, \"ask\": \"apply\", \"desired\": [{\"waiver\": 1, \"rung\": \"legacy\","
            + " \"networks\": [\"192.0.2.1\"], \"until\": \"soon\"}], \"ended\": []}",
        "{\"version\": 1, \"ask\": \"permit\", \"network\": \"192.0.2.1/24\", \"until\":"
            + " \"2026-03-01T12:00:00Z\"}"
      })
  void nonsenseIsRefused(String line) {
    assertThatThrownBy(() -> HandLines.request(line))
        .isInstanceOf(HandLines.MalformedException.class);
  }

  @Test
  void depthIsRefusedAndNotFallenInto() {
    String deep = "{\"version\":1,\"ask\":\"facts\",\"x\":" + "[".repeat(500_000);
    assertThatThrownBy(() -> HandLines.request(deep))
        .isInstanceOf(HandLines.MalformedException.class);
    String list = "{\"version\":1,\"ask\":\"apply\",\"ended\":" + "[".repeat(500_000);
    assertThatThrownBy(() -> HandLines.request(list))
        .isInstanceOf(HandLines.MalformedException.class);
  }

  @Property
  void whateverIsReadIsARequestOrRefused(@ForAll String text) {
    try {
      HandLines.request(text);
    } catch (HandLines.MalformedException refused) {
      assertThat(refused).hasMessageStartingWith("not a request");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"version\":1,\"ask\":\"forbid\",\"network\":\"\\u001b[2J\\n<3>forged%s\"}",
        "{\"version\":1%s",
        "{\"version\":1,\"x\":[[[[%s"
      })
  void whatIsSaidOfAMalformedRequestIsShortAndOneLine(String line) {
    assertThatThrownBy(() -> HandLines.request(line.formatted("1".repeat(100_000))))
        .isInstanceOfSatisfying(
            HandLines.MalformedException.class,
            malformed ->
                assertThat(malformed.getMessage())
                    .hasSizeLessThan(300)
                    .doesNotContainPattern("\\p{Cc}"));
  }
}
