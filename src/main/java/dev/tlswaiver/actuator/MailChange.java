package dev.tlswaiver.actuator;

import dev.tlswaiver.waiver.Rung;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What differs on the mail system's side.
 *
 * @param edits the files, lookup tables' sources first
 * @param tables the tables to build anew, as {@code type:path}, after the edits
 * @param reload whether the mail system must read its configuration again
 * @param publicPort the port that faces the Internet
 * @param listeners the rungs that have a listener afterwards, with their ports
 * @param needsKey whether the relaxed key must be there
 */
public record MailChange(
    List<FileEdit> edits,
    List<Table> tables,
    boolean reload,
    int publicPort,
    Map<Rung, Integer> listeners,
    boolean needsKey) {

  /** An indexed lookup table, named by its source. */
  public record Table(String type, Path source) {
    boolean isMadeFrom(FileEdit edit) {
      return source.equals(edit.file());
    }

    @Override
    public String toString() {
      return type + ":" + source;
    }
  }

  public MailChange {
    edits = List.copyOf(edits);
    tables = List.copyOf(tables);
    listeners = Map.copyOf(listeners);
  }

  public boolean isEmpty() {
    return edits.isEmpty() && tables.isEmpty() && !reload;
  }

  /** The tables that are there afterwards. */
  public List<Table> kept() {
    return tables.stream()
        .filter(
            table ->
                edits.stream().noneMatch(edit -> table.isMadeFrom(edit) && edit.next().isEmpty()))
        .toList();
  }

  Set<Component> components() {
    Set<Component> components = EnumSet.noneOf(Component.class);
    for (FileEdit edit : edits) {
      boolean isMaster = edit.file().endsWith("master.cf");
      components.add(isMaster ? Component.MASTER_CF : Component.ACCESS_MAP);
    }
    if (!tables.isEmpty()) {
      components.add(Component.ACCESS_MAP);
    }
    if (components.isEmpty() && reload) {
      components.add(Component.LISTENER);
    }
    return components;
  }
}
