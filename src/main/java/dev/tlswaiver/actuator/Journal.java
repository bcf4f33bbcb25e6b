package dev.tlswaiver.actuator;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import dev.tlswaiver.actuator.MailChange.Table;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Rung;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The write-ahead record of the plan in flight. It is written and synced before the first change
 * and removed after the last; while it is there, the host may be between two states.
 *
 * <pre>
 * {"files": [{"path": "/etc/postfix/master.cf", "contents": "..."}, {"path": "..."}],
 *  "tables": [{"type": "hash", "source": "/etc/postfix/tlswaiver-legacy"}],
 *  "reload": true,
 *  "publicPort": 25,
 *  "rungs": [{"rung": "legacy", "port": 10127, "elements": {"192.0.2.7/32": "2026-03-08T10:00:00Z"}}]}
 * </pre>
 *
 * <p>A file without contents did not exist.
 */
final class Journal {
  private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();

  private record FileEntry(String path, @Nullable String contents) {}

  private record TableEntry(String type, String source) {}

  private record RungEntry(String rung, int port, Map<String, String> elements) {}

  private record Entry(
      List<FileEntry> files,
      List<TableEntry> tables,
      boolean reload,
      int publicPort,
      List<RungEntry> rungs) {}

  private final Path file;

  Journal(Path stateDirectory) {
    this.file = stateDirectory.resolve("journal");
  }

  void write(Undo undo) throws HostException {
    List<FileEntry> files = new ArrayList<>();
    undo.files()
        .forEach(
            (path, contents) -> files.add(new FileEntry(path.toString(), contents.orElse(null))));
    List<RungEntry> rungs = new ArrayList<>();
    undo.ruleset()
        .rungs()
        .forEach(
            (rung, way) -> {
              Map<String, String> elements = new TreeMap<>();
              way.elements()
                  .forEach((prefix, until) -> elements.put(prefix.toString(), until.toString()));
              rungs.add(new RungEntry(rung.label(), way.port(), elements));
            });
    Entry entry =
        new Entry(
            files,
            undo.tables().stream()
                .map(table -> new TableEntry(table.type(), table.source().toString()))
                .toList(),
            undo.reload(),
            undo.ruleset().publicPort(),
            rungs);
    FileEdit.write(file, Optional.of(GSON.toJson(entry)));
  }

  /** What has to be undone; empty where no plan is in flight. */
  Optional<Undo> read() throws HostException {
    Optional<String> text = FileEdit.read(file);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(undo(GSON.fromJson(text.get(), Entry.class)));
    } catch (JsonParseException | NullPointerException | IllegalArgumentException damaged) {
      throw new HostException(
          file
              + " is damaged; look at master.cf and at nft list table inet tlswaiver, then remove it",
          damaged);
    }
  }

  private static Undo undo(Entry entry) {
    Map<Path, Optional<String>> files = new HashMap<>();
    entry
        .files()
        .forEach(row -> files.put(Path.of(row.path()), Optional.ofNullable(row.contents())));
    Map<Rung, Ruleset.Way> rungs = new EnumMap<>(Rung.class);
    for (RungEntry row : entry.rungs()) {
      Map<IpPrefix, Instant> elements = new TreeMap<>();
      row.elements()
          .forEach((prefix, until) -> elements.put(IpPrefix.parse(prefix), Instant.parse(until)));
      rungs.put(Rung.find(row.rung()).orElseThrow(), new Ruleset.Way(row.port(), elements));
    }
    return new Undo(
        files,
        entry.tables().stream().map(row -> new Table(row.type(), Path.of(row.source()))).toList(),
        entry.reload(),
        new Ruleset(entry.publicPort(), rungs));
  }

  void remove() throws HostException {
    FileEdit.write(file, Optional.empty());
  }
}
