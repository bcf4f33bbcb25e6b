package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.HostException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Space where tlswaiver and Postfix write. */
final class DiskSpace implements Examination {
  /** Postfix refuses mail below one and a half times message_size_limit, 15 MB by default. */
  private static final long LEAST_BYTES = 50L * 1024 * 1024;

  @Override
  public void examine(Patient patient, Chart chart) throws HostException {
    Map<Path, String> places = new LinkedHashMap<>();
    places.put(patient.settings().stateDirectory(), "state_directory");
    places.put(patient.configDirectory(), "Postfix's configuration");
    if (patient.hasPostfix()) {
      places.putIfAbsent(Path.of(patient.parameter("queue_directory")), "Postfix's queue");
    }
    for (Map.Entry<Path, String> place : places.entrySet()) {
      examine(place.getKey(), place.getValue(), chart);
    }
  }

  private static void examine(Path place, String name, Chart chart) throws HostException {
    Path there = existing(place);
    try {
      examine(there, name, Files.getFileStore(there).getUsableSpace(), chart);
    } catch (IOException failure) {
      throw new HostException(
          "the file system of " + place + " can't be asked: " + failure, failure);
    }
  }

  static void examine(Path place, String name, long usable, Chart chart) {
    if (usable < LEAST_BYTES) {
      chart.find(
          Ailment.DISK_FULL,
          "The file system of " + place + " (" + name + ") has " + usable / 1024 + " KiB left.",
          "make room: du -x " + place + " | sort -n | tail");
    }
  }

  /** The directory, or the nearest above it that is there already. */
  private static Path existing(Path place) {
    Path there = place.toAbsolutePath();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    return there;
  }
}
