package dev.tlswaiver.agent;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.control.Reply;
import dev.tlswaiver.control.Request;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.report.Letter;
import dev.tlswaiver.report.Story;
import dev.tlswaiver.report.WaiverJson;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** How {@code show} tells a story. */
enum StoryFormat {
  TEXT,
  JSON,
  LETTER;

  /** As the request's option says. */
  static StoryFormat of(Request.Show request) {
    return switch (request.format()) {
      case "json" -> JSON;
      case "letter" -> LETTER;
      default -> TEXT;
    };
  }

  /** The answer to the command. */
  Reply reply(List<Story> stories, Configuration configuration) {
    return switch (this) {
      case TEXT ->
          new Reply(0, stories.stream().map(Story::text).collect(Collectors.joining("\n")));
      case JSON -> new Reply(0, json(stories));
      case LETTER -> letter(stories, configuration);
    };
  }

  private static String json(List<Story> stories) {
    JsonArray pools = new JsonArray();
    stories.forEach(story -> pools.add(story.json()));
    JsonObject json = new JsonObject();
    json.add("pools", pools);
    return WaiverJson.text(json);
  }

  private static Reply letter(List<Story> stories, Configuration configuration) {
    if (stories.size() > 1) {
      return new Reply(
          1,
          "several senders are meant: "
              + stories.stream().map(story -> story.pool().id()).collect(Collectors.joining(", "))
              + "; a letter goes to one");
    }
    Story story = stories.get(0);
    Optional<HostName> us = Host.mailName(configuration);
    return Letter.of(story, us)
        .map(text -> new Reply(0, text))
        .orElseGet(
            () ->
                new Reply(
                    1,
                    "there is nothing that "
                        + story.pool()
                        + " could be asked to change; tlswaiver show "
                        + story.pool()
                        + " says what is known"));
  }
}
