package dev.tlswaiver.booted;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What rpm(8) finds in the rpm. */
class RpmBootedIT {
  private static String rpm(String... query) throws IOException, InterruptedException {
    List<String> command =
        Stream.of(List.of("rpm", "-qp"), List.of(query), List.of("target/tlswaiver.rpm"))
            .flatMap(List::stream)
            .collect(Collectors.toList());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  @Test
  void itHoldsWhatTheDebHolds() throws IOException, InterruptedException {
    assertThat(rpm("--list").lines())
        .contains(
            "/etc/tlswaiver/tlswaiver.yaml",
            "/usr/bin/tlswaiver",
            "/usr/lib/systemd/system/tlswaiver.service",
            "/usr/lib/systemd/system/tlswaiver-sweep.service",
            "/usr/lib/systemd/system/tlswaiver-sweep.timer",
            "/usr/lib/systemd/system-generators/tlswaiver-nspawn",
            "/usr/share/bash-completion/completions/tlswaiver",
            "/usr/share/man/man5/tlswaiver.yaml.5.gz",
            "/usr/share/man/man8/tlswaiver.8.gz",
            "/usr/share/man/man8/tlswaiver-sweep.8.gz",
            "/usr/share/licenses/tlswaiver/LICENSE",
            "/usr/share/tlswaiver/tlswaiver.jar");
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
}
