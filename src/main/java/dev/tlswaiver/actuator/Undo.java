package dev.tlswaiver.actuator;

import dev.tlswaiver.actuator.MailChange.Table;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The inverse of a whole plan: what the host was.
 *
 * @param files each file's contents before; empty where there was none
 * @param tables the tables to build from them
 * @param reload whether the mail system may have read the changed configuration
 * @param ruleset what was redirected
 */
record Undo(
    Map<Path, Optional<String>> files, List<Table> tables, boolean reload, Ruleset ruleset) {
  Undo {
    files = Map.copyOf(files);
    tables = List.copyOf(tables);
  }
}
