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
   * Divides the state directory, as long as it is root's: what a past agent granted by root's word
   * is permitted still.
   *
   * @param user the new agent's
   * @return how many waivers in force the hand has taken over
   * @throws StartException if an agent is running
   */
  public static int of(Configuration configuration, String user)
      throws IOException, StartException, HostException {
    Path state = configuration.stateDirectory();
    if (!Files.isDirectory(state)) {
      Hands.make(configuration);
      return 0;
    }
    UserPrincipal owner =
        state.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user);
    if (!Files.getOwner(state).getName().equals("root")) {
      // It was divided before; what is there now is the agent's word, and not root's.
      Hands.make(configuration);
      return 0;
    }
    try (StateLock lock = StateLock.take(state)) {
      List<Grant> grants = grants(lock.stateDirectory());
      Hands.adopt(configuration, grants, Host.CLOCK.instant());
      give(state, owner);
      return grants.size();
    }
  }

  private static List<Grant> grants(Path state) throws IOException {
    if (Files.notExists(state.resolve("ledger.db"))) {
      return List.of();
    }
    try (Store store = Store.open(state)) {
      return new Ledger(store.waivers()).grants();
    }
  }

  /**
   * The keys stay root's: Postfix has them open until the hand has put its own in their place. The
   * directory comes last: until then nobody else can put a link there.
   */
  private static void give(Path state, UserPrincipal owner) throws IOException {
    try (Stream<Path> files = Files.list(state)) {
      for (Path file : files.filter(Adoption::isFile).toList()) {
        Files.setOwner(file, owner);
      }
    }
    Files.setOwner(state, owner);
  }

  private static boolean isFile(Path file) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }
}
