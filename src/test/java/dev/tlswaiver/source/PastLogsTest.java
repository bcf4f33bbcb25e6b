package dev.tlswaiver.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
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
  void aLongBlockOfNulsIsOneNulAndALongLineIsCut() throws Exception {
    Path file = folder.resolve("maillog");
    Files.writeString(file, "one\r\n" + "\0".repeat(5_000_000) + "two\n\nthree\r");
    assertThat(read(file.toString(), "")).containsExactly("one", "\0two", "", "three");
    Files.writeString(file, "x".repeat(2_500_000) + "\n");
    assertThat(read(file.toString(), ""))
        .extracting(String::length)
        .containsExactly(1 << 20, 1 << 20, 2_500_000 - (2 << 20));
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

  /** What the blocks of a file hold, in their order. */
  private static List<String> blocks(Path file, LongConsumer progress) throws IOException {
    List<String> blocks = new ArrayList<>();
    PastLogs.scan(
        file.toString(),
        InputStream.nullInputStream(),
        progress,
        (block, length) -> new String(block, 0, length, StandardCharsets.UTF_8),
        blocks::add);
    return blocks;
  }

  @Test
  void blocksOfAFileAreWholeLinesInTheirOrder() throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 0; text.length() < 9_000_000; i++) {
      // Some lines are longer than the end of a block that is looked at first.
      text.append(i).append(" x".repeat(i % 1_000 == 0 ? 20_000 : i % 90)).append('\n');
    }
    text.append("half");
    Path file = Files.writeString(folder.resolve("maillog"), text);
    List<Long> read = new ArrayList<>();
    List<String> blocks = blocks(file, read::add);
    assertThat(String.join("", blocks)).isEqualTo(text.toString());
    assertThat(blocks.subList(0, blocks.size() - 1))
        .hasSizeGreaterThan(3)
        .allMatch(block -> block.endsWith("\n"));
    assertThat(read.stream().mapToLong(Long::longValue).sum()).isEqualTo(text.length());
  }

  @Test
  void aLineLongerThanABlockIsCut() throws Exception {
    String text = "x".repeat(7_000_000) + "\nend\n";
    Path file = Files.writeString(folder.resolve("maillog"), text);
    assertThat(String.join("", blocks(file, bytes -> {}))).isEqualTo(text);
  }

  @Test
  void aFileThatIsCutOffWhileItIsReadEndsThere() throws Exception {
    Path file = Files.writeString(folder.resolve("maillog"), "a line\n".repeat(2_000_000));
    List<String> blocks =
        blocks(
            file,
            bytes -> {
              try (FileChannel cut = FileChannel.open(file, StandardOpenOption.WRITE)) {
                cut.truncate(1_000);
              } catch (IOException failure) {
                throw new UncheckedIOException(failure);
              }
            });
    assertThat(String.join("", blocks).length()).isLessThan(14_000_000);
  }

  @Test
  void aReturnWithinALineBeginsNoOther() throws IOException {
    Path log = folder.resolve("maillog");
    Files.writeString(log, "one\rconnect from a.example[192.0.2.1]\r\ntwo\n\rthree\r");
    List<String> lines = new ArrayList<>();
    PastLogs.read(log.toString(), InputStream.nullInputStream(), read -> {}, lines::add);
    assertThat(lines).containsExactly("one connect from a.example[192.0.2.1]", "two", " three");
  }
}
