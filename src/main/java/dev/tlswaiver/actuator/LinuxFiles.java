package dev.tlswaiver.actuator;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** What Linux can do with files and Java can't. */
final class LinuxFiles {
  /** fcntl.h */
  private static final int AT_FDCWD = -100;

  private static final int RENAME_EXCHANGE = 2;

  /** fcntl.h; the same for each machine that Debian and Red Hat run on but mips and sparc. */
  private static final int O_RDONLY = 0;

  private static final int O_WRONLY = 1;

  private static final int O_CREAT = 0100;
  private static final int O_CLOEXEC = 02000000;

  private static final int OWNER_ONLY = 0600;

  /** sys/file.h */
  private static final int LOCK_EX = 2;

  private static final int LOCK_NB = 4;

  /** No valid number: setfsuid(2) says who it is, and changes nothing. */
  private static final int NOBODY_AT_ALL = -1;

  private static final int EAGAIN = 11;
  private static final int EINVAL = 22;
  private static final int ENOSYS = 38;
  private static final int ENODATA = 61;
  private static final int EOPNOTSUPP = 95;

  /** What a new file gets from its directory, and should have from the file that it replaces. */
  private static final List<String> LABELS = List.of("security.selinux", "system.posix_acl_access");

  /** XATTR_SIZE_MAX of limits.h. */
  private static final int LONGEST_LABEL = 65_536;

  private LinuxFiles() {}

  private interface LibC extends Library {
    int renameat2(int oldDirectory, String from, int newDirectory, String to, int flags)
        throws LastErrorException;

    int open(String path, int flags, int mode) throws LastErrorException;

    int flock(int descriptor, int operation) throws LastErrorException;

    int close(int descriptor) throws LastErrorException;

    int setfsuid(int user);

    int setfsgid(int group);

    int getxattr(String path, String name, byte[] value, int size) throws LastErrorException;

    int setxattr(String path, String name, byte[] value, int size, int flags)
        throws LastErrorException;
  }

  /** Loaded with the first use. */
  private static final class Holder {
    private static final LibC LIB_C = Native.load("c", LibC.class);
  }

  /**
   * Swaps the names of two files that exist, in one step: of a plain rename nobody learns what it
   * replaced.
   *
   * @return false where this file system can't do it; nothing has changed then
   */
  static boolean swap(Path left, Path right) throws IOException {
    try {
      Holder.LIB_C.renameat2(
          AT_FDCWD, left.toString(), AT_FDCWD, right.toString(), RENAME_EXCHANGE);
      return true;
    } catch (LastErrorException failure) {
      if (Set.of(EINVAL, ENOSYS, EOPNOTSUPP).contains(failure.getErrorCode())) {
        return false;
      }
      throw new IOException(failure.getMessage(), failure);
    }
  }

  /**
   * Opens a file, made if it is not there, for {@link #tryLock}: Java's own locks are others, of
   * which programs that use flock(2) see nothing.
   */
  static int open(Path file) throws IOException {
    try {
      return Holder.LIB_C.open(file.toString(), O_WRONLY | O_CREAT | O_CLOEXEC, OWNER_ONLY);
    } catch (LastErrorException failure) {
      throw new IOException(file + ": " + failure.getMessage(), failure);
    }
  }

  /** Opens a directory for {@link #tryLock}. */
  static int openDirectory(Path directory) throws IOException {
    try {
      return Holder.LIB_C.open(directory.toString(), O_RDONLY | O_CLOEXEC, 0);
    } catch (LastErrorException failure) {
      throw new IOException(directory + ": " + failure.getMessage(), failure);
    }
  }

  /** Takes the exclusive flock(2) of what is open, if nobody has it. */
  static boolean tryLock(int descriptor) throws IOException {
    try {
      Holder.LIB_C.flock(descriptor, LOCK_EX | LOCK_NB);
      return true;
    } catch (LastErrorException failure) {
      if (failure.getErrorCode() == EAGAIN) {
        return false;
      }
      throw new IOException(failure.getMessage(), failure);
    }
  }

  /** The file that is open, wherever its name went. */
  static Path opened(int descriptor) {
    return Path.of("/proc/self/fd", Integer.toString(descriptor));
  }

  /** Lets go of its lock, too. */
  static void close(int descriptor) {
    try {
      Holder.LIB_C.close(descriptor);
    } catch (LastErrorException failure) {
      // Nothing was written to it that could be lost.
    }
  }

  /**
   * Has this thread open, make and remove files as that user from now on (setfsuid(2)); of root's
   * it loses the capabilities over files, too. Threads and programs that it starts are another
   * matter: begin none.
   *
   * @return as whom it did so before
   */
  static int actAsUser(int user) throws IOException {
    int before = Holder.LIB_C.setfsuid(user);
    expect(user, Holder.LIB_C.setfsuid(NOBODY_AT_ALL), "user");
    return before;
  }

  /** As {@link #actAsUser}, for the group. */
  static int actAsGroup(int group) throws IOException {
    int before = Holder.LIB_C.setfsgid(group);
    expect(group, Holder.LIB_C.setfsgid(NOBODY_AT_ALL), "group");
    return before;
  }

  private static void expect(int wanted, int now, String what) throws IOException {
    if (now != wanted) {
      throw new IOException("files can't be dealt with as the " + what + " " + wanted);
    }
  }

  /** Gives a file the SELinux label and the access control list of another. */
  static void copyLabels(Path from, Path to) throws IOException {
    byte[] value = new byte[LONGEST_LABEL];
    for (String label : LABELS) {
      try {
        int size = Holder.LIB_C.getxattr(from.toString(), label, value, value.length);
        Holder.LIB_C.setxattr(to.toString(), label, value, size, 0);
      } catch (LastErrorException failure) {
        if (!Set.of(ENODATA, EOPNOTSUPP).contains(failure.getErrorCode())) {
          throw new IOException(label + ": " + failure.getMessage(), failure);
        }
      }
    }
  }
}
