package org.payerexchange.http;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Message;

/**
 * The coding of an answer that cannot be unpacked, as stores and proxies send it that do not heed
 * {@code Accept-Encoding}. Its header alone does not tell: a plain body may come with it.
 */
final class ForeignCoding {
  /** IANA's names, and those in use. */
  private static final Pattern NAME =
      Pattern.compile(
          "\\b(?:br|zstd|deflate|compress|dcb|dcz|exi|pack200-gzip|snappy|lz4|xz|bzip2|lzma)\\b",
          Pattern.CASE_INSENSITIVE);

  private ForeignCoding() {}

  /** Of an answer that is to be JSON. */
  static Optional<String> of(Message answer, AnswerBody body) {
    Optional<String> named = of(answer);
    return named.isPresent() && body.beginsAsJson() ? Optional.empty() : named;
  }

  /** Of an answer whose body does not tell, by its header. */
  static Optional<String> of(Message answer) {
    Matcher named = NAME.matcher(answer.getHeader("Content-Encoding", "", String.class));
    return named.find() ? Optional.of(named.group().toLowerCase(Locale.ROOT)) : Optional.empty();
  }

  /** In words. */
  static String told(String coding) {
    return "is packed by %s, which was not asked for and cannot be unpacked".formatted(coding);
  }
}
