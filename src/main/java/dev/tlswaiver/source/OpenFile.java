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
  private static final long AT_END = -1;

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
  private RecentLines recent = new RecentLines();

  /** Where the last line lies, with its newline; nowhere while there is none. */
  private long lastStart;

  private long lastEnd = -1;

  private OpenFile(FileChannel channel, long inode, long offset, Optional<FileMark> origin)
      throws IOException {
    this.channel = channel;
    this.inode = inode;
    this.origin = origin;
    this.offset = offset;
    this.head = FileMark.of(channel, inode, offset);
  }

  /** Opens the file behind all that it holds; of its size, not of one that had its name before. */
  static OpenFile openAtEnd(Path path) throws IOException {
    return open(path, AT_END);
  }

  static OpenFile open(Path path, long offset) throws IOException {
    while (true) {
      long inode = FileMark.inode(path);
      FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
      try {
        // Otherwise it was renamed in between, and the number may be another file's.
        if (FileMark.inode(path) == inode) {
          long from = offset == AT_END ? channel.size() : offset;
          OpenFile file = new OpenFile(channel, inode, from, Optional.empty());
          file.remember();
          return file;
        }
      } catch (IOException failure) {
        channel.close();
        throw failure;
      }
      channel.close();
    }
  }

  /** Opens the file at the mark's place; empty where this is not the mark's file. */
  static Optional<OpenFile> open(Path path, FileMark mark, RecentLines before) throws IOException {
    try {
      OpenFile file = open(path, mark.offset());
      // A mark at the very beginning knows no first bytes: any file would do.
      boolean isSame = mark.headLength() > 0 || mark.inode() == file.inode;
      if (isSame && mark.isIn(file.channel) && file.endsLike(before)) {
        return Optional.of(file);
      }
      file.close();
    } catch (NoSuchFileException absent) {
      // Nor is it there.
    }
    return Optional.empty();
  }

  /** A line before the place may have been edited since, so that the place is another. */
  private boolean endsLike(RecentLines before) {
    return offset == 0 || before.isEmpty() || (lastEnd == offset && recent.endsLike(before));
  }

  /** Learns the lines before the place, of a file that is not read from its beginning. */
  private void remember() throws IOException {
    recent = new RecentLines();
    lastEnd = -1;
    long from = Math.max(0, offset - MOST_BYTES);
    byte[] bytes = bytes(from, (int) (offset - from));
    int start = from == 0 ? 0 : -1;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        if (start >= 0) {
          remember(Arrays.copyOfRange(bytes, start, i), from + start);
        }
        start = i + 1;
      }
    }
  }

  private void remember(byte[] line, long start) {
    int nuls = 0;
    while (nuls < line.length && line[nuls] == 0) {
      nuls++;
    }
    recent.add(Arrays.copyOfRange(line, nuls, line.length));
    lastStart = start + nuls;
    lastEnd = start + line.length + 1;
  }

  private byte[] bytes(long from, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    int read = 0;
    while (bytes.hasRemaining() && read >= 0) {
      read = channel.read(bytes, from + bytes.position());
    }
    return Arrays.copyOf(bytes.array(), bytes.position());
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
        && (channel.size() < offset + buffer.remaining()
            || !mark().beginsAlike(channel)
            || !isLastLineThere());
  }

  private boolean isLastLineThere() throws IOException {
    return lastEnd < 0 || recent.endsWith(bytes(lastStart, (int) (lastEnd - lastStart - 1)));
  }

  /** The last lines read, which goes on with the reading. */
  RecentLines recent() {
    return recent;
  }

  /** Takes over the lines read before, of a file that begins behind them. */
  void remember(RecentLines before) {
    recent = before;
  }

  long size() throws IOException {
    return channel.size();
  }

  boolean beginsAs(FileMark mark) throws IOException {
    return mark.headLength() == FileMark.HEAD && mark.beginsAlike(channel);
  }

  /** Shows all that the file holds to a search for lines that were read before, and goes back. */
  void show(PlaceSearch search) throws IOException {
    seek(0);
    Optional<byte[]> line = nextRawLine(() -> {});
    while (line.isPresent()) {
      search.see(line.get(), offset);
      line = nextRawLine(() -> {});
    }
    seek(0);
  }

  /** Goes to the place after a line, or to the beginning. */
  void seek(long place) throws IOException {
    buffer.clear().flip();
    isSkipping = false;
    offset = place;
    head = FileMark.of(channel, inode, place);
    remember();
  }

  /** The next whole line, without its newline; empty while there is none. */
  Optional<byte[]> nextLine(Runnable cut) throws IOException {
    return nextRawLine(cut).map(OpenFile::withoutReturns);
  }

  private Optional<byte[]> nextRawLine(Runnable cut) throws IOException {
    while (true) {
      if (!isSkipping) {
        skipNuls();
      }
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

  /** A crash leaves a block of them without a newline; the line behind it is whole. */
  private void skipNuls() {
    while (buffer.hasRemaining() && buffer.get(buffer.position()) == 0) {
      buffer.get();
      offset++;
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
    long start = offset;
    byte[] line = new byte[length];
    buffer.get(line);
    offset += length;
    if (hasNewline) {
      buffer.get();
      offset++;
    }
    if (!isSkipping) {
      recent.add(line);
      lastStart = start;
      lastEnd = hasNewline ? offset : -1;
    }
    return line;
  }

  private static byte[] withoutReturns(byte[] raw) {
    int first = 0;
    while (first < raw.length && raw[first] != '\r') {
      first++;
    }
    if (first == raw.length) {
      return raw;
    }
    int end = raw[raw.length - 1] == '\r' ? raw.length - 1 : raw.length;
    byte[] line = Arrays.copyOf(raw, end);
    for (int i = first; i < end; i++) {
      if (line[i] == '\r') {
        line[i] = ' '; // The Tailer would take it for a line's end.
      }
    }
    return line;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
