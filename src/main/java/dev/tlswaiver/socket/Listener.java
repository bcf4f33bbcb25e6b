package dev.tlswaiver.socket;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/** Begins to listen at a place. */
public final class Listener {
  private Listener() {}

  /**
   * A socket in the place of one that an earlier process left.
   *
   * @param mode as ls(1) shows it, {@code rw-rw----}
   * @throws IOException if it can't be made, or something else than a socket is there
   */
  public static ServerSocketChannel at(Path path, String mode) throws IOException {
    removeStale(path);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(path));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    return server;
  }

  /** A socket is removed, anything else is somebody's. */
  private static void removeStale(Path path) throws IOException {
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .isOther()) {
        throw new IOException("it is no socket");
      }
      Files.delete(path);
    }
  }
}
