package dev.tlswaiver.booted;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What rpm(8) finds in the rpm. */
class RpmBootedIT {
  private static String rpm(String... query) throws IOException, InterruptedException {
    return printed(
        Stream.of(Stream.of("rpm", "-qp"), Arrays.stream(query), Stream.of("target/tlswaiver.rpm"))
            .flatMap(words -> words)
            .toArray(String[]::new));
  }

  private static String printed(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  /** Where the two kinds of hosts keep the same things in different places. */
  private static final Set<String> OF_ONE_KIND =
      Set.of(
          "/usr/share/doc/tlswaiver/copyright",
          "/usr/share/licenses/tlswaiver/LICENSE",
          "/usr/lib/systemd/system-preset/90-tlswaiver.preset");

  private static Set<String> files(String listing) {
    return listing
        .lines()
        .filter(name -> !name.endsWith("/") && !OF_ONE_KIND.contains(name))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void itHoldsWhatTheDebHolds() throws IOException, InterruptedException {
    String deb =
        printed("dpkg-deb", "--contents", "target/tlswaiver.deb")
            .replaceAll("(?m)^\\S+\\s+\\S+\\s+\\S+\\s+\\S+\\s+\\S+\\s+\\.", "");
    String rpm = rpm("--queryformat", "[%{FILENAMES} %{FILEMODES:perms}\n]");
    assertThat(files(rpm.replaceAll("(?m)^(\\S+) d.*$", "/").replaceAll("(?m) -\\S+$", "")))
        .isEqualTo(files(deb))
        .contains(
            "/etc/tlswaiver/tlswaiver.yaml",
            "/usr/bin/tlswaiver",
            "/usr/lib/systemd/system/tlswaiver.service",
            "/usr/lib/systemd/system/tlswaiver-sweep.timer",
            "/usr/share/bash-completion/completions/tlswaiver",
            "/usr/share/doc/tlswaiver/docs/alerts/TlswaiverDown.md",
            "/usr/share/doc/tlswaiver/docs/guide.md",
            "/usr/share/man/man8/tlswaiver.8.gz",
            "/usr/share/tlswaiver/grafana/tlswaiver.json",
            "/usr/share/tlswaiver/prometheus/tlswaiver-alerts.yml",
            "/usr/share/tlswaiver/tlswaiver.jar");
  }

  @Test
  void itDoesNotSayOnWhichMachineItWasBuilt() throws IOException, InterruptedException {
    assertThat(rpm("--queryformat", "%{BUILDHOST}")).isEqualTo("localhost");
  }

  @Test
  void anUpgradeKeepsTheOperatorsConfiguration() throws IOException, InterruptedException {
    assertThat(rpm("--configfiles")).isEqualTo("/etc/tlswaiver/tlswaiver.yaml\n");
    assertThat(rpm("--queryformat", "[%{FILENAMES} %{FILEFLAGS:fflags}\\n]"))
        .contains("/etc/tlswaiver/tlswaiver.yaml cn\n");
  }

  @Test
  void itNeedsJavaAndOnlyRecommendsPostfix() throws IOException, InterruptedException {
    assertThat(rpm("--requires")).contains("java-headless >= 1:17").doesNotContain("postfix");
    assertThat(rpm("--recommends")).contains("postfix").contains("nftables");
  }

  @Test
  void removalTakesBackWhatWasChangedAndAnUpgradeDoesNot()
      throws IOException, InterruptedException {
    assertThat(rpm("--scripts"))
        .contains("if [ \"$1\" = 0 ]; then")
        .contains("/usr/share/tlswaiver/remove-traces")
        .contains("/usr/share/tlswaiver/make-archive");
  }

  @Test
  void launcherAndHelpersAreRootsAndExecutable() throws IOException, InterruptedException {
    assertThat(rpm("--queryformat", "[%{FILENAMES} %{FILEMODES:perms} %{FILEUSERNAME}\\n]").lines())
        .contains(
            "/usr/bin/tlswaiver -rwxr-xr-x root",
            "/usr/share/tlswaiver/make-archive -rwxr-xr-x root",
            "/usr/share/tlswaiver/remove-traces -rwxr-xr-x root");
  }

  @Test
  void everyoneMayEnterItsFoldersAndTheyGoWithIt() throws IOException, InterruptedException {
    Map<String, String> modes =
        rpm("--queryformat", "[%{FILENAMES} %{FILEMODES:perms}\\n]")
            .lines()
            .map(line -> line.split(" "))
            .collect(Collectors.toMap(words -> words[0], words -> words[1]));
    assertThat(modes.keySet())
        .filteredOn(name -> name.contains("/tlswaiver/"))
        .isNotEmpty()
        .allSatisfy(
            name ->
                assertThat(modes)
                    .containsEntry(name.substring(0, name.lastIndexOf('/')), "drwxr-xr-x"));
  }
}
