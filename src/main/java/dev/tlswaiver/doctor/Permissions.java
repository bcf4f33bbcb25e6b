package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.postfix.RelaxedKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.InstantSource;
import java.util.Set;

/** Who may read and write what only the agent should. */
final class Permissions implements Examination {
  private static final int STICKY = 01000;

  @Override
  public void examine(Patient patient, Chart chart) throws HostException {
    Path state = patient.settings().stateDirectory();
    examineState(state, patient, chart);
    Path key = new RelaxedKey(state, patient.programs(), InstantSource.system()).file();
    if (Files.exists(key)
        && isOpen(key, Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ))) {
      chart.find(
          Ailment.RELAXED_KEY_OPEN,
          key + " can be read by more than its owner.",
          "rm " + key + " (the agent makes a new one), or if nobody had it: chmod 600 " + key);
    }
    Path folder = patient.controlSocket().toAbsolutePath().getParent();
    if (folder != null && isWorldWritable(folder)) {
      chart.find(
          Ailment.SOCKET_DIRECTORY_OPEN,
          folder + ", where the control socket is, can be written by everybody.",
          "chmod o-w "
              + folder
              + ", or in tlswaiver.yaml: control_socket: /run/tlswaiver/control.sock");
    }
  }

  private static void examineState(Path state, Patient patient, Chart chart) throws HostException {
    if (!Files.exists(state)) {
      return; // The agent makes it.
    }
    if (!Files.isDirectory(state) || (patient.isRoot() && !Files.isWritable(state))) {
      chart.find(
          Ailment.STATE_DIRECTORY_UNWRITABLE,
          state + " is no directory that can be written.",
          "install -d -m 700 " + state + ", on a file system that is not mounted read-only");
      return;
    }
    if (isOpen(state, Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE))) {
      chart.find(
          Ailment.STATE_DIRECTORY_OPEN,
          state + " can be written by more than its owner.",
          "chmod go-w " + state);
    }
  }

  private static boolean isOpen(Path path, Set<PosixFilePermission> wrong) throws HostException {
    try {
      return Files.getPosixFilePermissions(path).stream().anyMatch(wrong::contains);
    } catch (IOException failure) {
      throw new HostException("the permissions of " + path + " can't be seen: " + failure, failure);
    }
  }

  /** A sticky one lets nobody remove what another has put there. */
  private static boolean isWorldWritable(Path folder) throws HostException {
    try {
      return Files.exists(folder)
          && (((Integer) Files.getAttribute(folder, "unix:mode")) & (STICKY | 2)) == 2;
    } catch (IOException failure) {
      throw new HostException(folder + " can't be seen: " + failure, failure);
    }
  }
}
