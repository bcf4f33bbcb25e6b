package dev.tlswaiver.source;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;

/** One open file that is read line by line. It stays the same file whatever becomes of its name. */
final class OpenFile implements Closeable {
  static final int MOST_BYTES = 64 * 1024;

  /** Inodes are numbered from one. */
  private static final long UNPACKED = 0;

  private final FileChannel channel;
  private final long inode;

  /** Where this begins in the file that it was unpacked from, in which its places are told. */
  private final Optional<FileMark> origin;

  /** What was read from the file and not handed out yet: it begins at {@link #offset}. */
  private final ByteBuffer buffer = ByteBuffer.allocate(MOST_BYTES).flip();

  private long offset;
  private boolean isSkipping;
  private FileMark head;

  private OpenFile(FileChannel channel, long inode, long offset, Optional<FileMark> origin)
      throws IOException {
    this.channel = channel;
    this.inode = inode;
    this.origin = origin;
    this.offset = offset;
    this.head = FileMark.of(channel, inode, offset);
  }

  static OpenFile open(Path path, long offset) throws IOException {
    while (true) {
      long inode = FileMark.inode(path);
      FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
      try {
        // Otherwise it was renamed in between, and the number may be another file's.
        if (FileMark.inode(path) == inode) {
          return new OpenFile(channel, inode, offset, Optional.empty());
        }
      } catch (IOException failure) {
        channel.close();
        throw failure;
      }
      channel.close();
    }
  }

  /** Opens the file at the mark's place; empty where this is not the mark's file. */
  static Optional<OpenFile> open(Path path, FileMark mark) throws IOException {
    try {
      OpenFile file = open(path, mark.offset());
      // A mark at the very beginning knows no first bytes: any file would do.
      boolean isSame = mark.headLength() > 0 || mark.inode() == file.inode;
      if (isSame && mark.isIn(file.channel)) {
        return Optional.of(file);
      }
      file.close();
    } catch (NoSuchFileException absent) {
      // Nor is it there.
    }
    return Optional.empty();
  }

  /** Opens what was unpacked from the mark's place on; nobody else may write to it. */
  static OpenFile unpacked(Path rest, FileMark origin) throws IOException {
    return new OpenFile(
        FileChannel.open(rest, StandardOpenOption.READ), UNPACKED, 0, Optional.of(origin));
  }

  /** The number of the file; of one that was unpacked, one that no file has. */
  long inode() {
    return inode;
  }

  /** The place after the last line handed out. */
  FileMark mark() throws IOException {
    if (origin.isPresent()) {
      return origin.get().further(offset);
    }
    if (head.headLength() < 256 && offset > head.headLength()) {
      head = FileMark.of(channel, inode, offset);
    }
    return new FileMark(inode, offset, head.headLength(), head.headHash());
  }

  /** Whether somebody emptied the file, or wrote another beginning into it. */
  boolean isTruncated() throws IOException {
    return origin.isEmpty()
        && (channel.size() < offset + buffer.remaining() || !mark().beginsAlike(channel));
  }

  /** Begins again at the file's beginning. */
  void rewind() throws IOException {
    buffer.clear().flip();
    isSkipping = false;
    offset = 0;
    head = FileMark.of(channel, inode, 0);
  }

  /** The next whole line, without its newline; empty while there is none. */
  Optional<byte[]> nextLine(Runnable cut) throws IOException {
    while (true) {
      int length = lengthOfLine();
      if (length < 0 && buffer.remaining() < MOST_BYTES && fill()) {
        continue;
      }
      if (length < 0 && buffer.remaining() < MOST_BYTES) {
        return Optional.empty();
      }
      boolean isEnd = length >= 0;
      byte[] line = take(isEnd ? length : MOST_BYTES, isEnd);
      boolean wasSkipping = isSkipping;
      isSkipping = !isEnd;
      if (!wasSkipping) {
        if (!isEnd) {
          cut.run();
        }
        return Optional.of(line);
      }
    }
  }

  /** Whether a whole line was read from the file already. */
  boolean hasLine() {
    return lengthOfLine() >= 0;
  }

  private int lengthOfLine() {
    for (int i = 0; i < buffer.remaining(); i++) {
      if (buffer.get(buffer.position() + i) == '\n') {
        return i;
      }
    }
    return -1;
  }

  private boolean fill() throws IOException {
    long end = offset + buffer.remaining();
    buffer.compact();
    int read = channel.read(buffer, end);
    buffer.flip();
    return read > 0;
  }

  private byte[] take(int length, boolean hasNewline) {
    byte[] line = new byte[length];
    buffer.get(line);
    offset += length;
    if (hasNewline) {
      buffer.get();
      offset++;
    }
    int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
    for (int i = 0; i < end; i++) {
      if (line[i] == '\r') {
        line[i] = ' '; // The Tailer would take it for a line's end.
      }
    }
    return end == length ? line : Arrays.copyOf(line, end);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
