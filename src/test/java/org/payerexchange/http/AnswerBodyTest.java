package org.payerexchange.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.SocketTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

class AnswerBodyTest {
  private static final Duration SILENCE = Duration.ofMinutes(1);
  private static final byte[] HEADER_WITH_A_NAME = {0x1f, (byte) 0x8b, 8, 8, 0, 0, 0, 0, 0, 0};

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "[", "plain text"})
  void whatIsNotPackedIsReadAsItIs(String text) throws IOException {
    AnswerBody body =
        new AnswerBody(
            new ByteArrayInputStream(text.getBytes(UTF_8)),
            null,
            200,
            SILENCE,
            ContentCoding.NONE,
            false);

    assertThat(body.coding().unpacked()).isFalse();
    assertThat(body).hasContent(text);
  }

  @Test
  void everyMemberIsReadWhereNothingIsSaidToBeAvailable() throws IOException {
    InputStream members =
        new SequenceInputStream(new SequenceInputStream(packed("one "), packed("two")), packed(""));

    AnswerBody body =
        new AnswerBody(silent(members), null, 200, SILENCE, ContentCoding.NONE, false);

    assertThat(body.coding().unpacked()).isTrue();
    assertThat(body).hasContent("one two");
  }

  @Test
  void aHeaderWithoutEndIsGivenUp() {
    InputStream endless =
        new SequenceInputStream(
            new ByteArrayInputStream(HEADER_WITH_A_NAME), forEver(new byte[] {'x'}));

    assertThatThrownBy(
            () ->
                new AnswerBody(endless, null, 200, SILENCE, ContentCoding.NONE, false)
                    .readAllBytes())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("hold nothing");
  }

  @Test
  void whatTricklesInPackedIsGivenUpAsSilenceIs() throws IOException {
    byte[] whole = packed("{}".repeat(10)).readAllBytes();
    InputStream trickle =
        new FilterInputStream(new ByteArrayInputStream(whole)) {
          @Override
          public int read(byte[] buffer, int offset, int length) throws IOException {
            return super.read(buffer, offset, Math.min(length, 1));
          }
        };

    assertThatThrownBy(
            () ->
                new AnswerBody(trickle, null, 200, Duration.ZERO, ContentCoding.NONE, false)
                    .readAllBytes())
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("unpacks to nothing");
  }

  @Test
  void emptyMembersWithoutEndAreGivenUp() {
    byte[] empty = bytes("");
    InputStream endless = forEver(empty);

    assertThatThrownBy(
            () ->
                new AnswerBody(endless, null, 200, SILENCE, ContentCoding.NONE, false)
                    .readAllBytes())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("hold nothing");
  }

  /** As a socket whose next chunk is still on its way. */
  private static InputStream silent(InputStream stream) {
    return new FilterInputStream(stream) {
      @Override
      public int available() {
        return 0;
      }
    };
  }

  private static InputStream forEver(byte[] piece) {
    return new InputStream() {
      private int at;

      @Override
      public int read() {
        return piece[at++ % piece.length] & 0xff;
      }

      @Override
      public int read(byte[] buffer, int offset, int length) {
        for (int i = 0; i < length; i++) {
          buffer[offset + i] = (byte) read();
        }
        return length;
      }
    };
  }

  @ParameterizedTest
  @MethodSource("bombs")
  void anAnswerThatUnpacksBeyondTheBoundsOfJsonIsNoneThatIsAskedForAgain(String json) {
    AnswerRoom room = new AnswerRoom(1000, Duration.ofMillis(1));
    AnswerBody body =
        new AnswerBody(packed(json), room.share("bison"), 200, SILENCE, ContentCoding.NONE, false);

    assertThatThrownBy(
            () -> body.readWhole(32 * 1024 * 1024, Duration.ofMinutes(1), Clock.systemUTC()))
        .hasMessageContaining("tokens")
        .extracting(failure -> ((TransferException) failure).reason())
        .isEqualTo(FailureReason.TOO_LARGE);
  }

  static List<Named<String>> bombs() {
    return List.of(
        Named.of("many objects", "{\"x\":[" + "{},".repeat(600_000) + "{}]}"),
        Named.of("many numbers", "[" + "1,".repeat(1_100_000) + "1]"),
        Named.of("deep", "[".repeat(10_000)),
        Named.of("a long number", "{\"x\":" + "9".repeat(100_000) + "}"),
        Named.of("a long exponent", "{\"x\":1e" + "9".repeat(100_000) + "}"),
        Named.of("a long string", "{\"x\":\"" + "x".repeat(1_100_000) + "\"}"),
        Named.of("a long name", "{\"" + "x".repeat(60_000) + "\":1}"));
  }

  private static InputStream packed(String text) {
    return new ByteArrayInputStream(bytes(text));
  }

  private static byte[] bytes(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(UTF_8));
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
    return bytes.toByteArray();
  }
}
