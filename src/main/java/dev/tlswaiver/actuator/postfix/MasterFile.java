package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.FileEdit;
import dev.tlswaiver.actuator.HostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The text of master.cf. Everything outside our two marker lines stays as it is, byte for byte.
 *
 * @param text one character for each byte
 */
public record MasterFile(String text) {
  static final String BEGIN =
      "# BEGIN tlswaiver -- written by tlswaiver; changes between these two lines are undone";
  static final String END = "# END tlswaiver";

  private static final Set<String> PUBLIC_PORTS = Set.of("smtp", "25");

  /** The one of this configuration directory. */
  public static MasterFile read(Path directory) throws HostException {
    Path file = directory.resolve("master.cf");
    return new MasterFile(
        FileEdit.read(file)
            .orElseThrow(
                () ->
                    new HostException(
                        file
                            + " does not exist; is Postfix installed, and"
                            + " postfix.config_directory right?")));
  }

  /** The entries outside of our block, in order. */
  public List<ServiceEntry> entries() throws HostException {
    return entries(withoutBlock().text);
  }

  /** The entries of our block, in order. */
  public List<ServiceEntry> blockEntries() throws HostException {
    List<ServiceEntry> all = entries(text);
    return all.subList(entries().size(), all.size());
  }

  private static List<ServiceEntry> entries(String text) {
    List<ServiceEntry> entries = new ArrayList<>();
    StringBuilder logical = new StringBuilder();
    for (String line : text.split("\n", -1)) {
      String bare = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
      boolean isComment = bare.isBlank() || bare.stripLeading().startsWith("#");
      if (isComment) {
        continue; // Inside of a logical line too.
      }
      if (!Character.isWhitespace(bare.charAt(0))) {
        ServiceEntry.find(logical.toString()).ifPresent(entries::add);
        logical.setLength(0);
      }
      logical.append(' ').append(bare);
    }
    ServiceEntry.find(logical.toString()).ifPresent(entries::add);
    return entries;
  }

  /**
   * The entry that faces the Internet.
   *
   * @param wanted its name, where the operator gave one
   */
  public ServiceEntry publicEntry(Optional<String> wanted) throws HostException {
    for (ServiceEntry entry : entries()) {
      boolean isIt =
          wanted.map(name -> name.equals(entry.name())).orElse(PUBLIC_PORTS.contains(entry.port()));
      if (isIt && entry.type().equals("inet")) {
        return entry;
      }
    }
    throw new HostException(
        "master.cf has no inet service "
            + wanted.orElse("smtp")
            + "; name the one that faces the Internet in postfix.public_service");
  }

  /** The smtpd(8) entry behind the public one: itself, or what postscreen(8) passes peers to. */
  public ServiceEntry smtpdEntry(ServiceEntry publicEntry) throws HostException {
    if (publicEntry.command().equals("smtpd")) {
      return publicEntry;
    }
    String passedTo = publicEntry.override("smtpd_service_name").orElse("smtpd");
    if (publicEntry.command().equals("postscreen")) {
      for (ServiceEntry entry : entries()) {
        if (entry.type().equals("pass") && entry.name().equals(passedTo)) {
          return entry;
        }
      }
    }
    throw new HostException(
        "the service "
            + publicEntry.name()
            + " in master.cf runs "
            + publicEntry.command()
            + ", not smtpd; name the smtpd service in postfix.public_service");
  }

  /** The text without our block; the same text where there is none. */
  MasterFile withoutBlock() throws HostException {
    int begin = lineStart(BEGIN);
    if (begin < 0) {
      return this;
    }
    int end = text.indexOf(END, begin);
    if (end < 0) {
      throw new HostException(
          "master.cf holds '" + BEGIN + "' without its end; remove our lines by hand");
    }
    int after = text.indexOf('\n', end);
    String rest = after < 0 ? "" : text.substring(after + 1);
    String before = text.substring(0, begin);
    // A file without a last newline was given one so that the block could follow.
    boolean hadNoNewline = text.startsWith(" (no newline before)", begin + BEGIN.length());
    return new MasterFile(
        (hadNoNewline ? before.substring(0, before.length() - 1) : before) + rest);
  }

  private int lineStart(String marker) {
    int at = text.startsWith(marker) ? 0 : text.indexOf("\n" + marker) + 1;
    return at == 0 && !text.startsWith(marker) ? -1 : at;
  }

  /** The text with the block that another version of the file has. */
  MasterFile withBlockOf(MasterFile other) throws HostException {
    int begin = other.lineStart(BEGIN);
    if (begin < 0) {
      return withoutBlock();
    }
    int first = other.text.indexOf('\n', begin) + 1;
    return withBlock(List.of(other.text.substring(first, other.text.indexOf(END, first))));
  }

  /** The text with these entries in our block at its end; without a block where there are none. */
  MasterFile withBlock(List<String> entries) throws HostException {
    MasterFile bare = withoutBlock();
    if (entries.isEmpty()) {
      return bare;
    }
    boolean hasNewline = bare.text.isEmpty() || bare.text.endsWith("\n");
    return new MasterFile(
        bare.text
            + (hasNewline ? "" : "\n")
            + BEGIN
            + (hasNewline ? "" : " (no newline before)")
            + "\n"
            + String.join("", entries)
            + END
            + "\n");
  }
}
