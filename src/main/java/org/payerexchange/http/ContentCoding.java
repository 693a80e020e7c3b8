package org.payerexchange.http;

import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.camel.Message;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * How an answer is packed, by its {@code Content-Encoding} and then by its body. What stands in the
 * header and is no coding, as {@code UTF-8} or {@code aws-chunked}, is none.
 *
 * @param gzips how often the header names gzip
 * @param foreign what it is packed by that cannot be unpacked, as stores and proxies do that do not
 *     heed {@code Accept-Encoding}; null for nothing
 * @param unpacked whether the body was gzip, and is unpacked as it is read: bytes and ranges of
 *     what travelled are not those of what is read
 */
public record ContentCoding(int gzips, String foreign, boolean unpacked) {
  /** That of a plain answer. */
  public static final ContentCoding NONE = new ContentCoding(0, null, false);

  /** IANA's names, and those in use. */
  private static final Pattern NAME =
      Pattern.compile(
          "\\b(?:pack200-gzip|gzip|br|zstd|deflate|compress|aes128gcm|dcb|dcz|exi|snappy|lz4|xz|bzip2|lzma)\\b",
          Pattern.CASE_INSENSITIVE);

  /** What the headers say; each that is repeated is a layer. */
  static ContentCoding of(Message answer) {
    ContentCoding coding = NONE;
    for (MatchResult name : NAME.matcher(told(answer)).results().toList()) {
      coding = coding.and(name.group().toLowerCase(Locale.ROOT));
    }
    return coding;
  }

  private static String told(Message answer) {
    return answer.getBody() == null ? "" : String.valueOf(answer.getHeader("Content-Encoding"));
  }

  private ContentCoding and(String name) {
    return name.equals("gzip")
        ? new ContentCoding(gzips + 1, foreign, unpacked)
        : new ContentCoding(gzips, foreign == null ? name : foreign, unpacked);
  }

  /** What the body shows: a plain one may come with the name of a coding. */
  ContentCoding shown(boolean wasGzip, boolean plain) {
    return new ContentCoding(gzips, plain ? null : foreign, wasGzip);
  }

  /** Whether the header names a coding that the body may have. */
  public boolean isNamed() {
    return gzips > 0 || foreign != null;
  }

  /**
   * Sees to it that nothing is read that cannot be unpacked.
   *
   * @param reason of what fails then
   * @param what in words
   * @throws TransferException with the coding's name
   */
  public void mustBeReadable(FailureReason reason, String what) {
    if (foreign != null) {
      throw new TransferException(
          reason,
          "%s is packed by %s, which was not asked for and cannot be unpacked"
              .formatted(what, foreign));
    }
  }
}
