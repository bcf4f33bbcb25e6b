package dev.tlswaiver.socket;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;

/** A Unix socket that is read and written by the line, each within a time. */
public final class LineChannel implements AutoCloseable {
  private final SocketChannel channel;

  public LineChannel(SocketChannel channel) throws IOException {
    this.channel = channel;
    channel.configureBlocking(false);
  }

  /** One to whoever listens there. */
  public static LineChannel connect(Path path) throws IOException {
    return new LineChannel(SocketChannel.open(UnixDomainSocketAddress.of(path)));
  }

  /** Whose process is on the other end, by the kernel's word (unix(7), SO_PEERCRED). */
  public UserPrincipal user() throws IOException {
    return channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
  }

  /**
   * The next line, without its end; what there is of it where the other end has stopped.
   *
   * @param most a longer line is cut off after so many bytes
   * @throws SocketTimeoutException if it does not come in time
   */
  public String read(int most, Duration within) throws IOException {
    long deadline = System.nanoTime() + within.toNanos();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    ByteBuffer bytes = ByteBuffer.allocate(8_192);
    try (Selector selector = Selector.open()) {
      channel.register(selector, SelectionKey.OP_READ);
      while (line.size() <= most) {
        int count = channel.read(bytes);
        if (count < 0) {
          break;
        }
        bytes.flip();
        while (bytes.hasRemaining()) {
          byte next = bytes.get();
          if (next == '\n') {
            return line.toString(StandardCharsets.UTF_8);
          }
          line.write(next);
        }
        bytes.clear();
        if (count == 0) {
          await(selector, deadline);
        }
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  /**
   * Writes a line.
   *
   * @throws SocketTimeoutException if the other end does not take it in time
   */
  public void write(String line, Duration within) throws IOException {
    long deadline = System.nanoTime() + within.toNanos();
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
    try (Selector selector = Selector.open()) {
      channel.register(selector, SelectionKey.OP_WRITE);
      while (bytes.hasRemaining()) {
        if (channel.write(bytes) == 0) {
          await(selector, deadline);
        }
      }
    }
  }

  private static void await(Selector selector, long deadline) throws IOException {
    long left = (deadline - System.nanoTime()) / 1_000_000;
    if (left <= 0 || (selector.select(left) == 0 && System.nanoTime() >= deadline)) {
      throw new SocketTimeoutException("no word in time");
    }
    selector.selectedKeys().clear();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
