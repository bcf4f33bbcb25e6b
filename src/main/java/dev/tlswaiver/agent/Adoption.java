package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.control.StartException;
import dev.tlswaiver.hand.Hands;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Ledger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.stream.Stream;

/**
 * What an agent that was root leaves to one without power and its hand: to the hand what is in
 * force, the write-ahead journal and the relaxed listeners' keys; to the agent everything else.
 */
public final class Adoption {
  private Adoption() {}

  /**
   * Divides the state directory, once: what a past agent granted by root's word is permitted still.
   *
   * @param user the new agent's
   * @return how many waivers in force the hand has taken over
   * @throws StartException if an agent is running
   */
  public static int of(Configuration configuration, String user)
      throws IOException, StartException, HostException {
    Path state = configuration.stateDirectory();
    if (!Files.isDirectory(state)) {
      Hands.adopt(configuration, List.of(), Host.CLOCK.instant());
      return 0;
    }
    UserPrincipal owner =
        state.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user);
    try (StateLock lock = StateLock.take(state)) {
      List<Grant> grants = isOf(owner, state) ? List.of() : grants(lock.stateDirectory());
      Hands.adopt(configuration, grants, Host.CLOCK.instant());
      give(state, owner);
      return grants.size();
    }
  }

  private static boolean isOf(UserPrincipal owner, Path state) throws IOException {
    return Files.getOwner(state).equals(owner);
  }

  private static List<Grant> grants(Path state) throws IOException {
    if (Files.notExists(state.resolve("ledger.db"))) {
      return List.of();
    }
    try (Store store = Store.open(state)) {
      return new Ledger(store.waivers()).grants();
    }
  }

  /** The keys stay root's: Postfix has them open until the hand has put its own in their place. */
  private static void give(Path state, UserPrincipal owner) throws IOException {
    try (Stream<Path> files = Files.list(state)) {
      for (Path file : Stream.concat(Stream.of(state), files).toList()) {
        if (file.equals(state) || Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
              .setOwner(owner);
        }
      }
    }
  }
}
