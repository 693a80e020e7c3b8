package org.payerexchange.intake;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.InflaterInputStream;
import org.apache.hc.core5.http.ContentType;
import org.payerexchange.http.Gunzip;
import org.payerexchange.intake.IntakeRefusal.Kind;

/**
 * The body of a message or a request in UTF-8, read as its sender declared it: unpacked by its
 * content encoding, decoded by its charset. What declares nothing is passed on as it is, and {@link
 * RecordReader} tells what it holds.
 */
final class DeclaredBody {
  private static final int MAX_RATIO = 100;
  private static final int SMALL = 1 << 20;

  private final int maxBytes;

  /**
   * Bounds what is unpacked.
   *
   * @param maxBytes the longest body that is taken, in bytes after unpacking
   */
  DeclaredBody(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * The body's text in UTF-8.
   *
   * @param body as it was sent
   * @param charset the name of its charset, or null; a UTF-8 byte order mark says better
   * @param contentEncoding {@code gzip} or {@code identity}, or null; the name of a charset, which
   *     some put there, is taken for one
   * @throws IntakeRefusal if the body is not what was declared, or that is not known here
   */
  byte[] utf8(byte[] body, String charset, String contentEncoding) {
    String coding = contentEncoding == null ? "" : contentEncoding.strip();
    Optional<Charset> named = find(coding);
    Optional<Charset> text =
        charset == null || charset.isBlank()
            ? named
            : Optional.of(find(charset.strip()).orElseThrow(DeclaredBody::unknownCharset));
    byte[] plain =
        switch (coding.toLowerCase(Locale.ROOT)) {
          case "gzip", "x-gzip" -> unpacked("gzip", body, Gunzip::new);
          case "", "identity" -> body;
          default -> {
            if (named.isEmpty()) {
              throw new IntakeRefusal(
                  Kind.UNSUPPORTED, "has a content encoding other than gzip and identity");
            }
            yield body;
          }
        };
    return text.filter(declared -> !declared.equals(StandardCharsets.UTF_8))
        .filter(declared -> Utf8.byteOrderMark(plain) == 0)
        .map(declared -> decode(plain, declared))
        .orElse(plain);
  }

  /** What a Deflater packed. */
  byte[] inflate(byte[] packed) {
    return unpacked("deflate", packed, InflaterInputStream::new);
  }

  private byte[] unpacked(String format, byte[] packed, Unpacking unpacking) {
    long most = Math.min(maxBytes, Math.max(SMALL, (long) MAX_RATIO * packed.length));
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    byte[] buffer = new byte[1 << 13];
    try (InputStream input = unpacking.of(new ByteArrayInputStream(packed))) {
      for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
        plain.write(buffer, 0, read);
        if (plain.size() > most) {
          throw new IntakeRefusal(
              Kind.TOO_LARGE,
              "is longer than %s bytes or than %s times what was sent, once unpacked"
                  .formatted(maxBytes, MAX_RATIO));
        }
      }
    } catch (IOException e) {
      throw broken(format);
    }
    return plain.toByteArray();
  }

  private static IntakeRefusal broken(String format) {
    return new IntakeRefusal(
        Kind.BROKEN, "is declared as %s, but is not whole %s".formatted(format, format));
  }

  private static byte[] decode(byte[] plain, Charset charset) {
    try {
      return charset
          .newDecoder()
          .decode(ByteBuffer.wrap(plain))
          .toString()
          .getBytes(StandardCharsets.UTF_8);
    } catch (CharacterCodingException e) {
      throw new IntakeRefusal(Kind.BROKEN, "is not in its declared charset " + charset.name());
    }
  }

  /**
   * The charset that a MIME type names, or null.
   *
   * @throws IntakeRefusal if there is no such charset here
   */
  static String charsetOf(String contentType) {
    try {
      ContentType type = ContentType.parseLenient(contentType);
      return type == null ? null : type.getParameter("charset");
    } catch (UnsupportedCharsetException e) {
      throw unknownCharset();
    }
  }

  private static IntakeRefusal unknownCharset() {
    return new IntakeRefusal(Kind.UNSUPPORTED, "declares a charset that is not known here");
  }

  private static Optional<Charset> find(String name) {
    try {
      return !name.isEmpty() && Charset.isSupported(name)
          ? Optional.of(Charset.forName(name))
          : Optional.empty();
    } catch (IllegalCharsetNameException e) {
      return Optional.empty();
    }
  }

  private interface Unpacking {
    InputStream of(InputStream packed) throws IOException;
  }
}
