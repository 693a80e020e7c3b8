package org.payerexchange.intake;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** UTF-8 read strictly: text that is not UTF-8 is no text. */
final class Utf8 {
  private Utf8() {}

  static Optional<String> decode(byte[] bytes) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /** Why text cannot be read: it is none, or what the caller says. */
  static String problem(byte[] bytes, String inUtf8) {
    return decode(bytes).isPresent() ? inUtf8 : "is not in UTF-8";
  }

  /** How many bytes at the start are a byte order mark. */
  static int byteOrderMark(byte[] bytes) {
    return bytes.length >= 3
            && bytes[0] == (byte) 0xEF
            && bytes[1] == (byte) 0xBB
            && bytes[2] == (byte) 0xBF
        ? 3
        : 0;
  }

  static boolean isSpace(int unit) {
    return unit == ' ' || unit == '\t' || unit == '\n' || unit == '\r';
  }
}
