package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What leaves a host that is at work when a maintainer is asked for help. */
final class SupportIT {
  @TempDir private Path folder;

  @Test
  void itSaysHowTheHostIsAndNotWhoWritesToIt() throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> ACTIVE");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      agent.await("ACTIVE -> PROVEN");
      Path bundle = folder.resolve("bundle.tar.gz");
      Lab.CommandResult said =
          lab.tlswaiver(lab.configuration(), "support", "--output", bundle.toString());
      assertThat(said.output())
          .contains("doctor.json", "maillog.txt", "Written to " + bundle, "Read it before");
      lab.onHost("tar", "-xzf", bundle.toString(), "-C", folder.toString());
      assertThat(read("versions.txt")).contains("3.").containsIgnoringCase("openssl");
      assertThat(read("postconf-n.txt")).contains("smtpd_tls_");
      assertThat(read("master-block.txt")).contains("# BEGIN tlswaiver", "10127");
      assertThat(read("nftables.txt")).contains("redirect to :10127");
      assertThat(read("list.json")).contains("\"state\": \"PROVEN\"");
      assertThat(read("metrics.txt")).contains("tlswaiver_waivers{");
      assertThat(read("maillog.txt"))
          .contains("SSL_accept error from", "unsupported protocol", "tlswaiver-legacy/smtpd");
      for (String part : parts()) {
        assertThat(said.output()).as("what was collected").contains(part + " ");
        assertThat(read(part))
            .as(part)
            .doesNotContain("198.51.100.1", "oldbank", "192.0.2.25", "strict.example", "root@")
            .doesNotContainPattern("[a-z0-9]@[a-z0-9-]+\\.example");
      }
      agent.stop();
    }
  }

  private List<String> parts() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("tlswaiver-support"))) {
      List<String> parts = files.map(file -> file.getFileName().toString()).toList();
      assertThat(parts).hasSizeGreaterThan(8);
      return parts;
    }
  }

  private String read(String part) throws IOException {
    return Files.readString(folder.resolve("tlswaiver-support").resolve(part));
  }
}
