package dev.tlswaiver.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.house.ManualClock;
import io.airlift.compress.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

final class FollowedFileTest {
  /** What logrotate(8) packs logs with. */
  enum Packer {
    GZIP(".gz"),
    BZIP2(".bz2"),
    XZ(".xz"),
    ZSTD(".zst");

    private final String suffix;

    Packer(String suffix) {
      this.suffix = suffix;
    }

    OutputStream open(OutputStream file) throws IOException {
      return switch (this) {
        case GZIP -> new GZIPOutputStream(file);
        case BZIP2 -> new BZip2CompressorOutputStream(file);
        case XZ -> new XZOutputStream(file, new LZMA2Options());
        case ZSTD -> new ZstdOutputStream(file);
      };
    }
  }

  @TempDir Path folder;

  private final HeardLines heard = new HeardLines();
  private final List<FollowedFile> opened = new ArrayList<>();
  private final ManualClock clock = new ManualClock(Instant.parse("2026-03-01T10:00:00Z"));
  private TestWaker waker = new TestWaker();
  private Path log = Path.of("unset");

  @BeforeEach
  void nameTheLog() {
    log = folder.resolve("maillog");
  }

  @AfterEach
  void close() {
    opened.forEach(FollowedFile::close);
  }

  private FollowedFile follow(Optional<Cursor> start) {
    waker = new TestWaker();
    FollowedFile file = FollowedFile.follow(log, start, heard, clock, waker);
    opened.add(file);
    return file;
  }

  /** Lets the follower look once, which is enough to hear all of this and no more. */
  private void hears(String... texts) throws InterruptedException {
    waker.look();
    assertThat(heard.texts()).containsExactly(texts);
  }

  private void hears(int count) throws InterruptedException {
    waker.look();
    assertThat(heard.texts()).hasSize(count);
  }

  private void write(Path file, String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** What is written from here on is new. */
  private void followFromHere() throws IOException {
    write(log, "old\n");
    follow(Optional.empty());
  }

  @Test
  void whatWasThereBeforeTheFirstStartIsNotRead() throws Exception {
    followFromHere();
    write(log, "new\n");
    hears("new");
    assertThat(heard.gaps()).isEmpty();
  }

  /** As a reload or an upgrade does; meanwhile the first line has come. */
  private void goOnFromWhereItBegan() throws IOException {
    opened.forEach(FollowedFile::close);
    write(log, "between\n");
    follow(Optional.of(heard.begun().get(0)));
  }

  @Test
  void whatComesBetweenTheFirstStartAndTheNextIsRead() throws Exception {
    followFromHere();
    goOnFromWhereItBegan();
    write(log, "after\n");
    hears("between", "after");
    assertThat(heard.begun()).hasSize(1);
    assertThat(heard.gaps()).isEmpty();
  }

  @Test
  void aFileThatComesBetweenTheFirstStartAndTheNextIsReadFromItsBeginning() throws Exception {
    follow(Optional.empty());
    goOnFromWhereItBegan();
    hears("between");
    assertThat(heard.gaps()).isEmpty();
  }

  @Test
  void aLogThatIsEmptyAtTheFirstStartIsGoneOnWith() throws Exception {
    write(log, "");
    follow(Optional.empty());
    goOnFromWhereItBegan();
    hears("between");
    assertThat(heard.gaps()).isEmpty();
  }

  @Test
  void aLogThatCantBeReadAtTheFirstStartIsBegunWhenItCan() throws Exception {
    // Nobody may read a socket as a file, not even root.
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(log));
    }
    follow(Optional.empty());
    assertThat(heard.begun()).isEmpty();
    Path written = folder.resolve("written");
    write(written, "before\n");
    Files.move(written, log, StandardCopyOption.REPLACE_EXISTING);
    waker.look();
    assertThat(heard.begun()).hasSize(1);
    goOnFromWhereItBegan();
    hears("between");
    assertThat(heard.begun()).hasSize(1);
  }

  @Test
  void aFileThatComesLaterIsReadFromItsBeginning() throws Exception {
    follow(Optional.empty());
    write(log, "first\nsecond\n");
    hears("first", "second");
  }

  @Test
  void halfALineWaitsForItsEnd() throws Exception {
    followFromHere();
    write(log, "one ");
    hears();
    write(log, "line ");
    hears();
    write(log, "in pieces\nnext\n");
    hears("one line in pieces", "next");
  }

  @Test
  void aRenamedFileIsReadToItsEndBeforeTheNewOne() throws Exception {
    followFromHere();
    write(log, "before\n");
    Files.move(log, folder.resolve("maillog.1"));
    // A logger goes on writing to the old file until it is told to open the new one.
    write(folder.resolve("maillog.1"), "late\n");
    hears("before", "late");
    write(log, "after\n");
    hears("before", "late", "after");
    assertThat(heard.gaps()).isEmpty();
  }

  @Test
  void aLineWrittenToTheOldFileAfterTheNewOneIsThereIsNotLost() throws Exception {
    followFromHere();
    Files.move(log, folder.resolve("maillog.1"));
    write(log, "new file\n");
    hears("new file");
    write(folder.resolve("maillog.1"), "straggler\n");
    hears("new file", "straggler");
  }

  @Test
  void aMinuteAfterARotationTheOldFileIsLeft() throws Exception {
    followFromHere();
    Files.move(log, folder.resolve("maillog.1"));
    write(log, "new file\n");
    hears("new file");
    clock.advance(Duration.ofSeconds(61));
    waker.look();
    write(folder.resolve("maillog.1"), "too late\n");
    hears("new file");
  }

  @Test
  void aTruncatedFileIsBegunAgainAndTheGapIsTold() throws Exception {
    followFromHere();
    write(log, "before\n");
    hears("before");
    Files.writeString(log, "after\n", StandardOpenOption.TRUNCATE_EXISTING);
    hears("before", "after");
    assertThat(heard.gaps()).containsExactly(Gap.TRUNCATED);
  }

  @Test
  void whatACopyHoldsIsNotLostWithATruncation() throws Exception {
    followFromHere();
    write(log, "seen\n");
    hears("seen");
    // logrotate's copytruncate: a copy, then the original is emptied.
    Files.writeString(folder.resolve("maillog.1"), Files.readString(log) + "only in the copy\n");
    Files.writeString(log, "", StandardOpenOption.TRUNCATE_EXISTING);
    hears(2);
    write(log, "after\n");
    hears("seen", "only in the copy", "after");
    assertThat(heard.gaps()).isEmpty();
  }

  @Test
  void aLineWithoutEndIsCutAndCounted() throws Exception {
    followFromHere();
    write(log, "x".repeat(3 * OpenFile.MOST_BYTES) + "\nshort\n");
    hears(2);
    assertThat(heard.texts().get(0)).hasSize(OpenFile.MOST_BYTES);
    assertThat(heard.texts().get(1)).isEqualTo("short");
    assertThat(heard.gaps()).containsExactly(Gap.LONG_LINE);
  }

  @Test
  void aLineOfExactlyTheLimitIsWhole() throws Exception {
    followFromHere();
    write(log, "x".repeat(OpenFile.MOST_BYTES - 1) + "\nshort\n");
    hears(2);
    assertThat(heard.texts().get(0)).hasSize(OpenFile.MOST_BYTES - 1);
    assertThat(heard.gaps()).isEmpty();
  }

  @Test
  void carriageReturnsAndBytesThatAreNoTextSplitNothing() throws Exception {
    followFromHere();
    Files.write(
        log,
        new byte[] {'a', '\r', 'b', 0, (byte) 0xff, 'c', '\r', '\n', 'd', '\n'},
        StandardOpenOption.APPEND);
    hears("a b\0\ufffdc", "d");
  }

  @Test
  void aLineOfAMegabyteIsCutAndWhatFollowsIsWhole() throws Exception {
    followFromHere();
    for (int i = 0; i < 3; i++) {
      write(log, "x".repeat(1 << 20) + "\nshort " + i + "\n");
    }
    hears(6);
    assertThat(heard.texts())
        .filteredOn(text -> !text.startsWith("x"))
        .containsExactly("short 0", "short 1", "short 2");
    assertThat(heard.gaps()).hasSize(3).containsOnly(Gap.LONG_LINE);
  }

  @Test
  void aYearOfOldLogsIsNotReadAgain() throws Exception {
    for (int i = 0; i < 365; i++) {
      write(folder.resolve("maillog-" + i), "day " + i + "\n");
    }
    followFromHere();
    for (int i = 0; i < 3; i++) {
      write(log, "new " + i + "\n");
      hears(i + 1);
      Files.move(log, folder.resolve("maillog-new" + i));
    }
    write(log, "last\n");
    hears("new 0", "new 1", "new 2", "last");
  }

  @Test
  void aTouchedFileIsNotReadAgain() throws Exception {
    followFromHere();
    write(log, "once\n");
    hears("once");
    for (int i = 0; i < 3; i++) {
      Files.setLastModifiedTime(log, FileTime.from(Instant.now().plusSeconds(i + 1)));
      write(log, "line " + i + "\n");
      hears(i + 2);
    }
    hears("once", "line 0", "line 1", "line 2");
  }

  @Test
  void aFileThatIsGoneForAWhileIsWaitedFor() throws Exception {
    followFromHere();
    write(log, "before\n");
    hears("before");
    Files.delete(log);
    waker.look();
    waker.look();
    write(log, "after\n");
    hears("before", "after");
    assertThat(opened.get(0).isFollowing()).isTrue();
  }

  @Test
  void anotherFileThatIsLongerAlreadyIsReadFromItsBeginning() throws Exception {
    followFromHere();
    write(log, "a\n");
    hears("a");
    Path next = folder.resolve("next");
    write(next, "this is longer than the whole of the old one\nsecond\n");
    Files.move(next, log, StandardCopyOption.REPLACE_EXISTING);
    hears("a", "this is longer than the whole of the old one", "second");
  }

  @Test
  void aFileThatWasEmptiedAndIsLongerAgainIsReadFromItsBeginning() throws Exception {
    followFromHere();
    write(log, "a\n");
    hears("a");
    Files.writeString(log, "another beginning, and longer\n", StandardOpenOption.TRUNCATE_EXISTING);
    hears("a", "another beginning, and longer");
    assertThat(heard.gaps()).containsExactly(Gap.TRUNCATED);
  }

  @Test
  void aListenerThatThrowsEndsTheThreadAndThatShows() throws Exception {
    write(log, "old\n");
    FollowedFile file =
        FollowedFile.follow(
            log,
            Optional.empty(),
            new LogListener() {
              @Override
              public void line(LogLine line) {
                throw new IllegalStateException("no");
              }

              @Override
              public void gap(Gap gap) {}
            },
            clock,
            waker);
    opened.add(file);
    assertThat(file.isFollowing()).isTrue();
    write(log, "new\n");
    waker.wake();
    HeardLines.await(() -> !file.isFollowing());
    assertThat(file.isFollowing()).isFalse();
  }

  @Test
  void aRestartGoesOnAfterTheLastLine() throws Exception {
    follow(Optional.empty());
    write(log, "one\ntwo\n");
    hears("one", "two");
    Cursor place = heard.firstPlace();
    opened.forEach(FollowedFile::close);
    heard.forgetLines();
    write(log, "three\n");
    follow(Optional.of(place));
    hears("two", "three");
  }

  @Test
  void aRestartAfterARotationGoesOnInTheOldFile() throws Exception {
    follow(Optional.empty());
    write(log, "one\n");
    hears("one");
    Cursor place = heard.firstPlace();
    opened.forEach(FollowedFile::close);
    heard.forgetLines();
    write(log, "two\n");
    Files.move(log, folder.resolve("maillog.1"));
    write(log, "three\n");
    Files.move(folder.resolve("maillog.1"), folder.resolve("maillog.2"));
    Files.move(log, folder.resolve("maillog.1"));
    write(log, "four\n");
    Files.setLastModifiedTime(
        folder.resolve("maillog.2"), FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));
    follow(Optional.of(place));
    hears("two", "three", "four");
    assertThat(heard.gaps()).isEmpty();
  }

  @Test
  void aPlaceAtAFilesBeginningIsInThatFileAndNoOther() throws Exception {
    write(log, "first\n");
    Cursor begun = new Cursor(FileMark.inode(log) + " 0 0:" + "e3b0c44298fc1c149afbf4c8996fb924");
    Files.move(log, folder.resolve("maillog.1"));
    write(log, "second\n");
    follow(Optional.of(begun));
    hears("first", "second");
    assertThat(heard.gaps()).isEmpty();
  }

  private void pack(Packer packer, String name) throws IOException {
    Path packed = folder.resolve(name + packer.suffix);
    try (OutputStream out = packer.open(Files.newOutputStream(packed))) {
      Files.copy(log, out);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPlaceInThePackedRestIsFoundAgain(Packer packer) throws Exception {
    followFromHere();
    write(log, "one\n");
    hears("one");
    opened.forEach(FollowedFile::close);
    write(log, "two\nthree\nfour\n");
    pack(packer, "maillog.1");
    Files.delete(log);
    write(log, "five\n");
    Cursor start = heard.firstPlace();
    heard.forgetLines();
    follow(Optional.of(start));
    hears("two", "three", "four", "five");
    // As one that was killed after any of these lines.
    for (int read = 1; read < 4; read++) {
      opened.forEach(FollowedFile::close);
      Cursor place = heard.firstPlace();
      heard.forgetLines();
      follow(Optional.of(place));
      hears(Arrays.copyOfRange(new String[] {"two", "three", "four", "five"}, read, 4));
    }
    assertThat(heard.gaps()).isEmpty();
  }

  /** As a full disk leaves one. */
  @ParameterizedTest
  @EnumSource
  void aDamagedPackedFileIsPassedOver(Packer packer) throws Exception {
    followFromHere();
    write(log, "one\n");
    hears("one");
    opened.forEach(FollowedFile::close);
    write(log, "two\n");
    pack(packer, "maillog.1");
    Path packed = folder.resolve("maillog.1" + packer.suffix);
    byte[] whole = Files.readAllBytes(packed);
    Files.write(packed, Arrays.copyOf(whole, whole.length / 2));
    pack(Packer.GZIP, "maillog.2");
    Files.delete(log);
    write(log, "three\n");
    follow(Optional.of(heard.firstPlace()));
    hears("one", "two", "three");
    assertThat(heard.gaps()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void whatIsPackedBesideTheLogIsNoLog(Packer packer) throws Exception {
    followFromHere();
    write(log, "one\n");
    hears("one");
    pack(packer, "maillog.2");
    Files.move(log, folder.resolve("maillog.1"));
    write(log, "two\n");
    hears("one", "two");
    pack(packer, "maillog.3");
    Files.move(log, folder.resolve("maillog.0"));
    write(log, "three\n");
    hears("one", "two", "three");
    assertThat(heard.gaps()).isEmpty();
  }

  @Test
  void aPlaceThatIsGoneIsAGap() throws Exception {
    follow(Optional.empty());
    write(log, "one\n");
    hears("one");
    Cursor place = heard.firstPlace();
    opened.forEach(FollowedFile::close);
    heard.forgetLines();
    Files.delete(log);
    write(log, "another file\n");
    follow(Optional.of(place));
    hears("another file");
    assertThat(heard.gaps()).containsExactly(Gap.PLACE_LOST);
  }

  @Test
  void noLineComesAfterClose() throws Exception {
    followFromHere();
    opened.forEach(FollowedFile::close);
    assertThat(opened.get(0).isFollowing()).isFalse();
    write(log, "unheard\n");
    assertThat(heard.texts()).isEmpty();
  }
}
