package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LogWriterTest {
  @TempDir Path folder;

  private Path file(String name, int mode) throws Exception {
    Path file = Files.createFile(folder.resolve(name));
    Files.setAttribute(file, "unix:mode", mode);
    return file;
  }

  private LogWriter writer(Path maillog, Path postlog) {
    return new LogWriter(Optional.of(maillog), postlog);
  }

  @Test
  void whatPostlogdAloneWritesIsPostfixs() throws Exception {
    Path maillog = file("maillog", 0644);
    LogWriter writer = writer(maillog, file("postlog", 0755));
    assertThat(writer.doubt(maillog)).isEmpty();
    assertThat(writer.doubt(Files.createSymbolicLink(folder.resolve("link"), maillog))).isEmpty();
  }

  @Test
  void whatSyslogWritesMayBeAnybodys() throws Exception {
    Path maillog = file("mail.log", 0640);
    assertThat(new LogWriter(Optional.empty(), folder.resolve("postlog")).doubt(maillog))
        .hasValueSatisfying(why -> assertThat(why).contains("mail.log is written by syslog"));
    assertThat(writer(folder.resolve("other"), folder.resolve("postlog")).doubt(maillog))
        .isPresent();
  }

  @Test
  void withPostlogSetgidAnybodyWritesIntoPostlogdsFile() throws Exception {
    Path maillog = file("maillog", 0644);
    assertThat(writer(maillog, file("postlog", 02755)).doubt(maillog))
        .hasValueSatisfying(why -> assertThat(why).contains("postlog is setgid"));
  }

  @Test
  void aFileThatEverybodyMayWriteIsEverybodys() throws Exception {
    Path maillog = file("maillog", 0666);
    assertThat(writer(maillog, file("postlog", 0755)).doubt(maillog)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dev/stdout", "/dev/fd/1", "/proc/self/fd/2", "/dev/null"})
  void whatIsWhateverTheAskingProcessHasThereIsNoFile(String name) throws Exception {
    assertThat(LogWriter.isNoFile(Path.of(name))).isTrue();
    Path link = Files.createSymbolicLink(folder.resolve("maillog"), Path.of(name));
    assertThat(LogWriter.isNoFile(link)).isTrue();
    Path loop = folder.resolve("loop");
    assertThat(LogWriter.isNoFile(Files.createSymbolicLink(loop, loop))).isTrue();
  }

  @Test
  void aFileThatIsNotThereYetIsOne() throws Exception {
    assertThat(LogWriter.isNoFile(folder.resolve("maillog"))).isFalse();
    assertThat(LogWriter.isNoFile(file("written", 0644))).isFalse();
    assertThat(LogWriter.isNoFile(folder)).isTrue();
  }
}
