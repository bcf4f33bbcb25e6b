package dev.tlswaiver.doctor;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.tlswaiver.doctor.Checkup.RungState;
import java.util.Optional;

/** A checkup for a program. Field names are a contract: they are only ever added to. */
public final class CheckupJson {
  private CheckupJson() {}

  public static JsonObject of(Checkup checkup) {
    JsonObject json = new JsonObject();
    json.add("postfix", orNull(checkup.postfix()));
    json.add("openssl", orNull(checkup.openssl()));
    json.add("nftables", orNull(checkup.nftables()));
    JsonArray rungs = new JsonArray();
    checkup.rungs().forEach(rung -> rungs.add(of(rung)));
    json.add("rungs", rungs);
    JsonArray findings = new JsonArray();
    checkup.findings().forEach(finding -> findings.add(of(finding)));
    json.add("findings", findings);
    JsonArray unseen = new JsonArray();
    checkup.unseen().forEach(unseen::add);
    json.add("unseen", unseen);
    return json;
  }

  private static JsonObject of(RungState rung) {
    JsonObject json = new JsonObject();
    json.addProperty("rung", rung.rung().label());
    json.addProperty("port", rung.port());
    json.addProperty("enabled", rung.isEnabled());
    json.addProperty("possible", rung.isPossible());
    json.add("why", orNull(rung.why()));
    JsonArray versions = new JsonArray();
    rung.versions().forEach(versions::add);
    json.add("versions", versions);
    json.addProperty("suites", rung.suites());
    return json;
  }

  private static JsonObject of(Finding finding) {
    JsonObject json = new JsonObject();
    json.addProperty("id", finding.ailment().id());
    json.addProperty("severity", finding.ailment().severity().label());
    json.addProperty("what", finding.what());
    json.addProperty("why", finding.ailment().why());
    json.addProperty("mend", finding.mend());
    return json;
  }

  private static JsonElement orNull(Optional<String> text) {
    return text.<JsonElement>map(JsonPrimitive::new).orElse(JsonNull.INSTANCE);
  }
}
