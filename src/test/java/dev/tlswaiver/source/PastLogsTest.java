package dev.tlswaiver.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PastLogsTest {
  @TempDir Path folder;

  private static List<String> read(String name, String standardInput) throws IOException {
    List<String> lines = new ArrayList<>();
    InputStream input =
        new ByteArrayInputStream(standardInput.getBytes(StandardCharsets.ISO_8859_1));
    PastLogs.read(name, input, bytes -> {}, lines::add);
    return lines;
  }

  @Test
  void aPlainFileIsReadLineByLine() throws Exception {
    Path file = folder.resolve("maillog");
    Files.writeString(file, "one\ntwo\nhalf");
    assertThat(read(file.toString(), "")).containsExactly("one", "two", "half");
  }

  @Test
  void aCompressedFileIsReadLineByLine() throws Exception {
    Path file = folder.resolve("maillog.2.gz");
    try (OutputStream stream = new GZIPOutputStream(Files.newOutputStream(file))) {
      stream.write("one\ntwo\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(read(file.toString(), "")).containsExactly("one", "two");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "bzip2", "xz", "zstd"})
  void whatTheUsualProgramsPackIsUnpackedWhateverItsName(String program) throws Exception {
    Path plain = folder.resolve("maillog.1");
    String text = "one line\n".repeat(100_000);
    Files.writeString(plain, text);
    Process process =
        new ProcessBuilder(program, "-c", plain.toString())
            .redirectOutput(folder.resolve("packed").toFile())
            .start();
    assertThat(process.waitFor()).isZero();
    assertThat(read(folder.resolve("packed").toString(), ""))
        .hasSize(100_000)
        .containsOnly("one line");
    byte[] packed = Files.readAllBytes(folder.resolve("packed"));
    packed[packed.length / 2] ^= 0x55;
    Files.write(folder.resolve("damaged"), packed);
    assertThatThrownBy(() -> read(folder.resolve("damaged").toString(), ""))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("damaged: can't be read");
  }

  @Test
  void standardInputIsReadAndWhatIsNoTextIsReplaced() throws Exception {
    assertThat(read("-", "a\u00ffb\n")).containsExactly("a\ufffdb");
  }

  @Test
  void whatCantBeReadIsNamed() throws Exception {
    Path broken = folder.resolve("broken.gz");
    Files.write(broken, new byte[] {0x1f, (byte) 0x8b, 1, 2, 3, 4, 5, 6});
    assertThatThrownBy(() -> read(broken.toString(), ""))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("broken.gz: can't be read");
    assertThatThrownBy(() -> read(folder.resolve("absent").toString(), ""))
        .hasMessageContaining("absent: no such file");
  }
}
