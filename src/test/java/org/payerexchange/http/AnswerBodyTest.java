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
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerBodyTest {
  private static final byte[] HEADER_WITH_A_NAME = {0x1f, (byte) 0x8b, 8, 8, 0, 0, 0, 0, 0, 0};

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "[", "plain text"})
  void whatIsNotPackedIsReadAsItIs(String text) throws IOException {
    AnswerBody body = new AnswerBody(new ByteArrayInputStream(text.getBytes(UTF_8)));

    assertThat(body.isPacked()).isFalse();
    assertThat(body).hasContent(text);
  }

  @Test
  void everyMemberIsReadWhereNothingIsSaidToBeAvailable() throws IOException {
    InputStream members =
        new SequenceInputStream(new SequenceInputStream(packed("one "), packed("two")), packed(""));

    AnswerBody body = new AnswerBody(silent(members));

    assertThat(body.isPacked()).isTrue();
    assertThat(body).hasContent("one two");
  }

  @Test
  void aHeaderWithoutEndIsGivenUp() {
    InputStream endless =
        new SequenceInputStream(
            new ByteArrayInputStream(HEADER_WITH_A_NAME), forEver(new byte[] {'x'}));

    assertThatThrownBy(() -> new AnswerBody(endless).readAllBytes())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("hold nothing");
  }

  @Test
  void emptyMembersWithoutEndAreGivenUp() {
    byte[] empty = bytes("");
    InputStream endless = forEver(empty);

    assertThatThrownBy(() -> new AnswerBody(endless).readAllBytes())
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
