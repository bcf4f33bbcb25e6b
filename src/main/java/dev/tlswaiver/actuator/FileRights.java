package dev.tlswaiver.actuator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * In a directory of somebody else's any name may be a link to a file of root's, at any moment.
 * While this is open, the thread that opened it has the rights of the directory's owner with files,
 * and no others: what it opens, the owner could have opened.
 */
public final class FileRights implements AutoCloseable {
  private final int group;
  private final int user;

  private FileRights(int user, int group) {
    this.user = user;
    this.group = group;
  }

  /** Takes those of a directory's owner and group. */
  public static FileRights ofOwner(Path directory) throws IOException {
    int owner = (Integer) Files.getAttribute(directory, "unix:uid");
    int group = LinuxFiles.actAsGroup((Integer) Files.getAttribute(directory, "unix:gid"));
    return new FileRights(LinuxFiles.actAsUser(owner), group);
  }

  /** Back to those that the thread had before. */
  @Override
  public void close() {
    try {
      LinuxFiles.actAsUser(user);
      LinuxFiles.actAsGroup(group);
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
