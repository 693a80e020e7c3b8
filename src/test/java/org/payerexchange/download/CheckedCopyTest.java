package org.payerexchange.download;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.channels.Channels;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.files.FileHash;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

class CheckedCopyTest {
  private static final String LINE = "{\"resourceType\":\"Patient\",\"id\":\"%d\"}";

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final CheckedCopy copy = new CheckedCopy("Patient", -1);

  @ParameterizedTest
  @ValueSource(longs = {-1, 40, 2_000_000})
  void everyByteIsWrittenCountedAndHashedHoweverTheyArriveAndWhateverWasExpected(long expected)
      throws Exception {
    CheckedCopy copy = new CheckedCopy("Patient", expected);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      text.append(LINE.formatted(i))
          .append(i % 7 == 0 ? "\r\n" : "\n")
          .append(i % 11 == 0 ? "\n" : "");
    }
    byte[] body = text.toString().getBytes(UTF_8);

    copy.copy(new Dribble(body, 100_000), Channels.newChannel(written), there -> {});
    copy.finish();

    assertThat(written.toByteArray()).isEqualTo(body);
    assertThat(copy.resources()).isEqualTo(20_000);
    assertThat(copy.bytes()).isEqualTo(body.length);
    assertThat(copy.sha256Hex()).isEqualTo(sha256(body));
  }

  @Test
  void severalPiecesAreOneFile() throws Exception {
    byte[] body = (LINE.formatted(1) + "\n" + LINE.formatted(2) + "\n").getBytes(UTF_8);

    copy.skim(new ByteArrayInputStream(body, 0, 50), there -> {});
    copy.copy(
        new ByteArrayInputStream(body, 50, body.length - 50),
        Channels.newChannel(written),
        there -> {});
    copy.finish();

    assertThat(written.size()).isEqualTo(body.length - 50);
    assertThat(copy.resources()).isEqualTo(2);
    assertThat(copy.sha256Hex()).isEqualTo(sha256(body));
  }

  @Test
  void theLastLineMayLackItsLineFeedAndTheFirstMayHaveAMark() throws Exception {
    pass(stream("\uFEFF" + LINE.formatted(1) + "\n" + LINE.formatted(2)));

    assertThat(copy.resources()).isEqualTo(2);
  }

  @Test
  void anEmptyFileHasNoResources() throws Exception {
    pass(stream(""));

    assertThat(copy.resources()).isZero();
    assertThat(copy.sha256Hex()).isEqualTo(FileHash.OF_NOTHING);
  }

  @Test
  void aBadLineIsNamedByItsNumberAndNotByItsContent() {
    String body = LINE.formatted(1) + "\n\n{\"secret\": Doe}\n";

    assertThatThrownBy(() -> pass(stream(body)))
        .isInstanceOfSatisfying(
            TransferException.class,
            bad -> {
              assertThat(bad.reason()).isEqualTo(FailureReason.FILE_INVALID);
              assertThat(bad).hasMessageContaining("line 3").hasMessageNotContaining("Doe");
            });
  }

  @Test
  void aLineOfAnotherTypeIsRefused() {
    assertThatThrownBy(() -> pass(stream("{\"resourceType\":\"Group\"}\n")))
        .hasMessage("line 1 is a resource of another type than Patient");
  }

  @Test
  void aLineMayBeAsLongAsSixteenMebibytesAndNoLonger() throws Exception {
    String padding = "x".repeat(16 * 1024 * 1024 - 100);
    pass(stream("{\"resourceType\":\"Patient\",\"a\":\"" + padding + "\"}\n"));
    assertThat(copy.resources()).isEqualTo(1);

    assertThatThrownBy(() -> pass(stream("{\"a\":\"" + padding + padding)))
        .hasMessageContaining("line 2 is longer than 16777216 bytes");
  }

  @Test
  void whatArrivedBeforeTheSourceBrokeIsKept() {
    InputStream broken = new SequenceInputStream(stream(LINE.formatted(1)), new Broken());

    assertThatThrownBy(() -> pass(broken)).isInstanceOf(IOException.class).hasMessage("reset");

    assertThat(written.toString(UTF_8)).isEqualTo(LINE.formatted(1));
    assertThat(copy.bytes()).isEqualTo(written.size());
  }

  private void pass(InputStream from) throws IOException {
    copy.copy(from, Channels.newChannel(written), there -> {});
    copy.finish();
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(UTF_8));
  }

  private static String sha256(byte[] body) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
  }

  /** A connection that was reset. */
  private static final class Broken extends InputStream {
    @Override
    public int read() throws IOException {
      throw new IOException("reset");
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      throw new IOException("reset");
    }
  }

  /** Gives a body in pieces of random sizes. */
  private static final class Dribble extends InputStream {
    private final byte[] body;
    private final int most;
    private final Random random = new Random(1);
    private int at;

    Dribble(byte[] body, int most) {
      this.body = Arrays.copyOf(body, body.length);
      this.most = most;
    }

    @Override
    public int read() {
      return at == body.length ? -1 : body[at++] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) {
      if (at == body.length) {
        return -1;
      }
      int size = Math.min(Math.min(length, 1 + random.nextInt(most)), body.length - at);
      System.arraycopy(body, at, to, offset, size);
      at += size;
      return size;
    }
  }
}
