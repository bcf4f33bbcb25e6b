package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.FileEdit;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.MailChange.Table;
import dev.tlswaiver.actuator.Redirect;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Rung;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The lookup tables of one rung, in the configuration directory. */
record RungTables(Discovery host, Rung rung) {
  private static final List<String> INDEX_SUFFIXES =
      List.of(".db", ".lmdb", ".cdb", ".pag", ".dir");

  /**
   * What becomes of them.
   *
   * @param tables those to build anew, or to remove
   * @param names how the listener names them
   * @param changesCidr whether one changes that daemons read but once
   */
  record Lookups(
      List<FileEdit> edits, List<Table> tables, List<String> names, boolean changesCidr) {}

  private Path source() {
    return file("");
  }

  private Path cidrSource() {
    return file(".cidr");
  }

  private Path file(String suffix) {
    return host.directory().resolve("tlswaiver-" + rung.label() + suffix);
  }

  /** They admit these networks, and nobody else. */
  Lookups admitting(Collection<IpPrefix> networks) throws HostException {
    String type = type();
    boolean isIndexed = MapTypes.isIndexed(type);
    AccessTable access = AccessTable.of(networks);
    FileEdit indexed = edit(source(), Optional.of(access.indexed()).filter(text -> isIndexed));
    FileEdit cidr =
        edit(
            cidrSource(), isIndexed ? access.cidr() : Optional.of(AccessTable.allAsCidr(networks)));
    boolean isToBuild = isIndexed && (!indexed.changesNothing() || !isBuilt());
    return new Lookups(
        List.of(indexed, cidr, addresses(Optional.of(networks))),
        isToBuild ? List.of(new Table(type, source())) : List.of(),
        names(type, cidr.next().isPresent()),
        !cidr.changesNothing());
  }

  /** They are taken away, where there are any. */
  Lookups gone() throws HostException {
    FileEdit indexed = edit(source(), Optional.empty());
    return new Lookups(
        List.of(indexed, edit(cidrSource(), Optional.empty()), addresses(Optional.empty())),
        // Its type counts if the removal is rolled back.
        indexed.changesNothing() ? List.of() : List.of(new Table(type(), source())),
        List.of(),
        false);
  }

  private List<String> names(String type, boolean hasCidr) {
    List<String> names = new ArrayList<>();
    if (MapTypes.isIndexed(type)) {
      names.add(name(type, source()));
    }
    if (hasCidr) {
      names.add(name("cidr", cidrSource()));
    }
    return names;
  }

  private static String name(String type, Path source) {
    return type + ":$config_directory/" + source.getFileName();
  }

  /** What an operator who redirects peers by other means reads; nobody else needs it. */
  private FileEdit addresses(Optional<Collection<IpPrefix>> networks) throws HostException {
    boolean isRead = host.settings().redirect() == Redirect.NONE;
    return edit(file(".addresses"), networks.filter(own -> isRead).map(AccessTable::addresses));
  }

  private static FileEdit edit(Path file, Optional<String> next) throws HostException {
    return new FileEdit(file, FileEdit.read(file), next);
  }

  private String type() throws HostException {
    return MapTypes.of(host.main()).indexed(inUse());
  }

  /** The type of the table that the listener has now; a table is not built twice for it. */
  private Optional<String> inUse() throws HostException {
    Pattern lookup =
        Pattern.compile("check_client_access,([a-z]+):[^,]*/" + source().getFileName() + "(?:,|$)");
    return host.master().blockEntries().stream()
        .flatMap(entry -> entry.overrides().values().stream())
        .map(lookup::matcher)
        .filter(Matcher::find)
        .map(matcher -> matcher.group(1))
        .findFirst();
  }

  /** Whether postmap(1) has made the table from its source, and nobody has taken it away. */
  private boolean isBuilt() {
    return indexes(source()).stream().anyMatch(Files::exists);
  }

  /** Takes away what postmap(1) has made from a source. */
  static void deleteBuilt(Path source) throws HostException {
    for (Path index : indexes(source)) {
      FileEdit.delete(index);
    }
  }

  private static List<Path> indexes(Path source) {
    return INDEX_SUFFIXES.stream()
        .map(suffix -> source.resolveSibling(source.getFileName() + suffix))
        .toList();
  }
}
