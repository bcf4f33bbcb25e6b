package dev.tlswaiver.status;

import static dev.tlswaiver.status.Situations.NOW;
import static dev.tlswaiver.status.Situations.waiver;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.tlswaiver.handshake.Outcome;
import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.waiver.State;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The status page as a browser shows it (Debian: chromium). */
final class PageIT {
  private static final String PHONE =
      "{\"width\":390,\"height\":844,\"deviceScaleFactor\":2,\"mobile\":true}";
  private static final String DESK =
      "{\"width\":1280,\"height\":900,\"deviceScaleFactor\":1,\"mobile\":false}";
  private static final String HOSTILE =
      "<img src=http://127.0.0.1:1/x onerror=document.title='taken'><script>document.title='taken'"
          + "</script>\" style=\"color:red";

  @TempDir private Path folder;

  private final Board board = new Board();
  private StatusServer server;
  private Chromium browser;

  @BeforeEach
  void open() throws Exception {
    server =
        new StatusServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new Metrics("1.2.3", List.of(), List.of(), List.of(), List.of(), List.of()),
            board,
            () -> true,
            () -> NOW);
    browser = Chromium.start(folder);
    browser.ask("Page.enable", "{}");
    browser.ask("Network.enable", "{}");
    browser.ask("Log.enable", "{}");
  }

  @AfterEach
  void close() throws Exception {
    browser.close();
    server.close();
  }

  private void look() throws Exception {
    int before = browser.events("Page.loadEventFired").size();
    browser.ask("Page.navigate", "{\"url\":\"http://127.0.0.1:" + server.port() + "/\"}");
    Lab.await("the page", () -> browser.events("Page.loadEventFired").size() > before);
  }

  /** To be looked at. */
  private void photograph(String name) throws Exception {
    String data =
        browser
            .ask("Page.captureScreenshot", "{\"captureBeyondViewport\":true}")
            .get("data")
            .getAsString();
    Files.write(Path.of("target", name + ".png"), Base64.getDecoder().decode(data));
  }

  private void show(String metrics, String scheme) throws Exception {
    browser.ask("Emulation.setDeviceMetricsOverride", metrics);
    browser.ask(
        "Emulation.setEmulatedMedia",
        "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"" + scheme + "\"}]}");
  }

  private String background() throws Exception {
    return browser.value("getComputedStyle(document.body).backgroundColor").getAsString();
  }

  @Test
  void itIsReadOnAPhoneAndADeskByDayAndByNight() throws Exception {
    board.post(Situations.busy());
    board.refuseConfiguration();
    show(DESK, "light");
    look();
    photograph("page-desk");
    assertThat(background()).isEqualTo("rgb(255, 255, 255)");
    assertThat(browser.value("document.body.innerText").getAsString())
        .contains("TLSv1 ECDHE-RSA-AES256-SHA", "tlswaiver show ID", "version 1.2.3")
        .doesNotContain("oldbank.example");
    show(DESK, "dark");
    photograph("page-night");
    assertThat(background()).isNotEqualTo("rgb(255, 255, 255)");
    show(PHONE, "light");
    photograph("page-phone");
    assertThat(browser.value("document.documentElement.scrollWidth").getAsInt())
        .as("nothing sticks out of a phone")
        .isLessThanOrEqualTo(390);
  }

  @Test
  void itAsksForNothingElseAndTheStyleIsOurs() throws Exception {
    board.post(Situations.busy());
    look();
    assertThat(browser.events("Network.requestWillBeSent"))
        .extracting(event -> event.getAsJsonObject("request").get("url").getAsString())
        // Browsers ask for an icon by themselves.
        .filteredOn(url -> !url.endsWith("/favicon.ico"))
        .containsExactly("http://127.0.0.1:" + server.port() + "/");
    assertThat(browser.events("Log.entryAdded"))
        .extracting(event -> event.getAsJsonObject("entry").get("text").getAsString())
        .noneMatch(text -> text.contains("Content Security Policy"));
    JsonObject response =
        browser.events("Network.responseReceived").get(0).getAsJsonObject("response");
    assertThat(response.getAsJsonObject("headers").entrySet())
        .filteredOn(header -> header.getKey().equalsIgnoreCase("Content-Security-Policy"))
        .singleElement()
        .satisfies(
            header -> assertThat(header.getValue().getAsString()).startsWith("default-src 'none'"));
  }

  @Test
  void whatAStrangerSaysDoesNothing() throws Exception {
    Trend trend = new Trend(NOW);
    trend.observe(
        Situations.handshake(NOW, "smtpd", new Outcome.Completed(HOSTILE, HOSTILE, 1)), NOW);
    board.post(
        Situations.snapshot(
            List.of(
                waiver(1, "a.example", State.REFUSED, HOSTILE, HOSTILE),
                waiver(2, "b.example", State.EXPIRED, HOSTILE, "")),
            Optional.empty(),
            Optional.of(HOSTILE),
            trend));
    board.refuseConfiguration();
    look();
    assertThat(browser.value("document.body.innerText").getAsString())
        .contains("probe", "EXPIRED")
        .doesNotContain("taken");
    assertThat(browser.value("document.querySelectorAll('img, script').length").getAsInt())
        .isZero();
    assertThat(browser.value("document.title").getAsString()).doesNotContain("taken");
  }
}
