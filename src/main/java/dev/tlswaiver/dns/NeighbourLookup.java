package dev.tlswaiver.dns;

import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Looks up whole blocks of addresses on a thread of its own, one at a time.
 *
 * <p>Gives up where the resolver is silent, or slow: whoever asked hears what was found until then.
 */
public final class NeighbourLookup implements AutoCloseable {
  /** Between two questions: what a resolver of a mail host does not notice. */
  private static final Duration PACE = Duration.ofMillis(20);

  /** For one block. An answering resolver needs seconds. */
  private static final Duration LONGEST = Duration.ofMinutes(2);

  /** A block is at most a /24, or a /120. */
  private static final int MOST_ADDRESSES = 256;

  /** Of one address: Postfix takes the first. */
  private static final int MOST_NAMES = 2;

  /** Questions in a row without an answer. */
  private static final int MOST_SILENT = 3;

  /**
   * A block whose hosts are looked for.
   *
   * @param domain in which they are
   */
  public record Block(HostName domain, IpPrefix addresses) {}

  /**
   * What was found.
   *
   * @param hosts those of the domain, each with its name
   * @param isComplete whether there was an answer for each address
   */
  public record Found(Block block, List<Peer> hosts, boolean isComplete) {
    public Found {
      hosts = List.copyOf(hosts);
    }
  }

  private final NameService names;
  private final Duration pace;
  private final Duration longest;
  private final Consumer<Found> found;
  private final BlockingQueue<Block> queue = new ArrayBlockingQueue<>(1);
  private final Thread thread = new Thread(this::run, "dns");
  private volatile boolean isStopping;

  /**
   * @param found hears of each block, on the lookup's thread
   */
  public NeighbourLookup(NameService names, Consumer<Found> found) {
    this(names, PACE, LONGEST, found);
  }

  NeighbourLookup(NameService names, Duration pace, Duration longest, Consumer<Found> found) {
    this.names = names;
    this.pace = pace;
    this.longest = longest;
    this.found = found;
    thread.setDaemon(true);
    thread.start();
  }

  /** Takes a block, if it has nothing to do; never waits. */
  public boolean take(Block block) {
    return !isStopping && queue.offer(block);
  }

  private void run() {
    try {
      while (!isStopping) {
        Block block = queue.poll(200, TimeUnit.MILLISECONDS);
        if (block != null && !isStopping) {
          found.accept(lookUp(block));
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private Found lookUp(Block block) throws InterruptedException {
    long end = System.nanoTime() + longest.toNanos();
    List<Peer> hosts = new ArrayList<>();
    boolean isComplete = true;
    int silent = 0;
    for (IpAddress address : block.addresses().first(MOST_ADDRESSES)) {
      if (silent == MOST_SILENT || isStopping || System.nanoTime() - end > 0) {
        return new Found(block, hosts, false);
      }
      try {
        findHost(block.domain(), address).ifPresent(hosts::add);
        silent = 0;
      } catch (NoAnswerException | RuntimeException silence) {
        // Also where the JDK's client fails on what a stranger's zone holds: the thread lives on.
        isComplete = false;
        silent++;
      }
    }
    return new Found(block, hosts, isComplete);
  }

  /** The address with a name of the domain that leads back to it. */
  private Optional<Peer> findHost(HostName domain, IpAddress address)
      throws NoAnswerException, InterruptedException {
    TimeUnit.NANOSECONDS.sleep(pace.toNanos());
    List<HostName> theirs =
        names.names(address).stream()
            .filter(name -> name.isWithin(domain))
            .limit(MOST_NAMES)
            .toList();
    for (HostName name : theirs) {
      TimeUnit.NANOSECONDS.sleep(pace.toNanos());
      if (names.addresses(name, address.isIpv6()).contains(address)) {
        return Optional.of(new Peer(Optional.of(name), Optional.of(address)));
      }
    }
    return Optional.empty();
  }

  /** Ends without waiting for an answer that is on its way. */
  @Override
  public void close() {
    isStopping = true;
    thread.interrupt();
  }
}
