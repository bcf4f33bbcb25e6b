package dev.tlswaiver.hand;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.config.ConfigurationException;
import dev.tlswaiver.config.ConfigurationReader;
import dev.tlswaiver.socket.LineChannel;
import dev.tlswaiver.socket.Listener;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The privileged process: takes requests, one after the other, from whoever may open its socket,
 * and keeps the host in order between them. It ends when nothing is in force and nobody asks;
 * systemd listens on, and starts it for the next request.
 */
public final class HandServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HandServer.class);

  /** Whoever asks writes at once, and reads what it asked for. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Somebody is mending what is wrong; the next process sees whether it is. */
  private static final Duration REFUSES = Duration.ofSeconds(5);

  private static final Duration ROUND = Duration.ofSeconds(10);

  /**
   * A socket of its own.
   *
   * @param user who may open it besides root
   */
  public record Place(Path path, Optional<String> user) {}

  /** Who deals with requests, and with what is to be done without being asked. */
  interface Answerer extends AutoCloseable {
    HandAnswer answer(HandRequest request, boolean isRoot);

    /** Called every few seconds. */
    void keep();

    /** Whether it may end. */
    boolean isIdle();

    @Override
    void close();
  }

  private final ServerSocketChannel server;
  private final Selector selector;
  private final Answerer desk;
  private final UserPrincipal root;

  /** Its owner may ask; not whomever the owner lets in besides. */
  private final Path path;

  private volatile boolean isStopping;

  private HandServer(ServerSocketChannel server, Answerer desk) throws IOException {
    this.server = server;
    this.desk = desk;
    this.selector = Selector.open();
    this.root = principal("root");
    if (!(server.getLocalAddress() instanceof UnixDomainSocketAddress address)) {
      throw new IOException("standard input is no Unix socket");
    }
    this.path = address.getPath();
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
  }

  /**
   * Begins to listen.
   *
   * @param file the configuration, which must be root's alone to write; empty where there is none
   * @param place where to listen; empty where systemd has passed a listening socket as standard
   *     input
   * @throws HostException if it may not, or can't; says why
   */
  public static HandServer open(
      Optional<Path> file, Optional<Place> place, Programs programs, InstantSource clock)
      throws IOException, HostException {
    if (!Hands.isRoot()) {
      throw new HostException("the hand changes Postfix and nftables: it must be root");
    }
    ServerSocketChannel server = place.isPresent() ? bind(place.get()) : inherited();
    return new HandServer(server, desk(file, programs, clock));
  }

  /**
   * One that ended for a mistake in the configuration would be started again and again for the same
   * request, until systemd no longer listens.
   */
  private static Answerer desk(Optional<Path> file, Programs programs, InstantSource clock) {
    try {
      return new HandDesk(
          () -> read(file), configuration -> HandHere.of(configuration, programs, clock), clock);
    } catch (IOException | ConfigurationException | HostException wrong) {
      LOG.error("nothing can be done: {}", wrong.getMessage());
      return new Refuser(refusal(wrong), clock, clock.instant().plus(REFUSES));
    }
  }

  /** Says why nothing can be done, for a while. */
  private record Refuser(HandAnswer answer, InstantSource clock, Instant end) implements Answerer {
    @Override
    public HandAnswer answer(HandRequest request, boolean isRoot) {
      return answer;
    }

    @Override
    public void keep() {}

    @Override
    public boolean isIdle() {
      return clock.instant().isAfter(end);
    }

    @Override
    public void close() {}
  }

  /** Whoever can write the configuration decides what the hand may do. */
  private static Configuration read(Optional<Path> file)
      throws IOException, ConfigurationException {
    if (file.isEmpty()) {
      return Configuration.defaults();
    }
    PosixFileAttributes attributes = Files.readAttributes(file.get(), PosixFileAttributes.class);
    if (!attributes.owner().getName().equals("root")
        || attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)
        || (attributes.permissions().contains(PosixFilePermission.GROUP_WRITE)
            && !attributes.group().getName().equals("root"))) {
      throw new IOException(
          file.get()
              + " can be written by others than root, who would decide what root does: chown"
              + " root:root "
              + file.get()
              + " and chmod 644 "
              + file.get());
    }
    Configuration configuration = ConfigurationReader.read(file.get());
    Path directory = Hands.directory(configuration);
    if (Files.exists(directory) && !Files.getOwner(directory).getName().equals("root")) {
      throw new IOException(
          directory
              + " belongs to another user, who would decide what is put back on this host: tlswaiver"
              + " hand --adopt --user USER makes one for the hand alone");
    }
    return configuration;
  }

  private static ServerSocketChannel inherited() throws IOException, HostException {
    Channel channel = System.inheritedChannel();
    if (channel instanceof ServerSocketChannel listening) {
      return listening;
    }
    throw new HostException(
        "standard input is no listening socket: this is started by tlswaiver-hand.socket; by hand,"
            + " give --socket PATH");
  }

  private static ServerSocketChannel bind(Place place) throws IOException {
    ServerSocketChannel server = Listener.at(place.path(), "rw-------");
    if (place.user().isPresent()) {
      Files.setOwner(place.path(), principal(place.user().get()));
    }
    return server;
  }

  private static UserPrincipal principal(String user) throws IOException {
    return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(user);
  }

  /** Serves until it is idle, or stopped. */
  public void serve() throws IOException {
    long kept = System.nanoTime();
    while (!isStopping && !desk.isIdle()) {
      selector.select(ROUND.toMillis());
      selector.selectedKeys().clear();
      answerNext();
      if (System.nanoTime() - kept >= ROUND.toNanos()) {
        desk.keep();
        kept = System.nanoTime();
      }
    }
    desk.close();
  }

  private void answerNext() {
    try (SocketChannel client = server.accept()) {
      if (client != null) {
        answer(new LineChannel(client));
      }
    } catch (IOException failure) {
      LOG.debug("whoever asked went away: {}", failure.toString());
    }
  }

  private void answer(LineChannel line) throws IOException {
    UserPrincipal user = line.user();
    boolean isRoot = user.equals(root);
    if (!isRoot && !user.equals(Files.getOwner(path, LinkOption.NOFOLLOW_LINKS))) {
      LOG.warn("{} may not ask; the owner of {} let others in: chmod 600 it", user, path);
      return;
    }
    String asked = line.read(HandLines.MOST_REQUEST_BYTES, PATIENCE);
    if (asked.isEmpty()) {
      return; // It was only woken.
    }
    HandAnswer answer;
    try {
      answer = desk.answer(HandLines.request(asked), isRoot);
    } catch (HandLines.MalformedException malformed) {
      answer = refusal(malformed);
      LOG.warn("a request is refused: {}", malformed.getMessage());
    } catch (RuntimeException | VirtualMachineError mistake) {
      LOG.error("a request can't be dealt with", mistake);
      answer = refusal(mistake);
    }
    line.write(HandLines.write(answer), PATIENCE);
  }

  private static HandAnswer refusal(Throwable why) {
    return new HandAnswer.Failed(
        HandAnswer.Extent.FAILED, Optional.empty(), String.valueOf(why.getMessage()));
  }

  /** Ends {@link #serve} after the request at hand. */
  @Override
  public void close() {
    isStopping = true;
    selector.wakeup();
  }
}
