package org.payerexchange.download;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.payerexchange.http.PayerCalls;

/**
 * What the head of an answer says about the file behind it (RFC 9110).
 *
 * @param status 200 or 203 for the whole file, 204 for one that holds nothing, 206 for its rest
 * @param first the position of the body's first byte in the file
 * @param end the position behind the body's last byte, -1 if the answer does not say
 * @param total the size of the whole file, -1 if the answer does not say
 * @param validator the strong ETag or else the Last-Modified date, empty if there is neither
 * @param ranges whether the server says that it serves parts
 * @param framed whether the body's end can be told from a connection that broke
 * @param encoded whether it travelled in a Content-Encoding, which the file itself does not have
 * @param unpacked whether the body was gzip; bytes and ranges of what travelled are not those of
 *     what is read then
 * @param source the hash of the URL that was asked
 */
record FileAnswer(
    int status,
    long first,
    long end,
    long total,
    String validator,
    boolean ranges,
    boolean framed,
    boolean encoded,
    boolean unpacked,
    String source) {
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");
  private static final int NOTHING = 204;
  private static final long SMALLEST_PIECE = 65_536;
  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

  /**
   * Reads the headers of a Camel message, whose names are compared without case.
   *
   * @param source the hash of the URL that was asked
   */
  static FileAnswer of(Map<String, Object> headers, String source) {
    int status = Integer.parseInt(text(headers, Exchange.HTTP_RESPONSE_CODE));
    String length = text(headers, "Content-Length");
    boolean lengthGiven = NUMBER.matcher(length).matches();
    boolean unpacked = headers.containsKey(PayerCalls.UNPACKED);
    boolean framed = lengthGiven || unpacked || !text(headers, "Transfer-Encoding").isEmpty();
    String encoding = text(headers, "Content-Encoding");
    boolean encoded = !encoding.isEmpty() && !encoding.equalsIgnoreCase("identity");
    boolean ranges = text(headers, "Accept-Ranges").toLowerCase(Locale.ROOT).contains("bytes");
    long first = 0;
    long total = lengthGiven ? Long.parseLong(length) : -1;
    if (status == NOTHING) {
      total = 0;
    }
    long end = total;
    if (status == 206) {
      Matcher range = CONTENT_RANGE.matcher(text(headers, "Content-Range"));
      boolean readable = range.matches();
      first = readable ? Long.parseLong(range.group(1)) : -1;
      end = readable ? Long.parseLong(range.group(2)) + 1 : -1;
      total = readable && !"*".equals(range.group(3)) ? Long.parseLong(range.group(3)) : -1;
      ranges = true;
    }
    return new FileAnswer(
        status,
        first,
        unpacked ? -1 : end,
        unpacked ? -1 : total,
        validator(headers),
        ranges,
        framed,
        encoded,
        unpacked,
        source);
  }

  /**
   * Whether the body goes on right behind a part.
   *
   * @param bytes the part's size
   * @param parked what it is a part of, empty if there is no part
   */
  boolean continues(long bytes, Optional<PartialFile.Note> parked) {
    return status == 206
        && !encoded
        && !unpacked
        && first == bytes
        && parked.filter(this::isOfTheSame).isPresent();
  }

  /** Whether the body is the file from its start; nothing is no answer to who has a part of it. */
  boolean startsOver(long bytes) {
    return first == 0 && (status != NOTHING || bytes == 0);
  }

  /** Not every server heeds If-Range (RFC 9110, 15.3.7.3). */
  private boolean isOfTheSame(PartialFile.Note parked) {
    boolean sameSize = total == parked.total();
    boolean sameContent = validator.equals(parked.validator());
    if (!source.equals(parked.source())) {
      // another link: nothing but these two says that the same file is behind it
      return sameContent && sameSize && total >= 0;
    }
    return (sameContent || validator.isEmpty() || parked.validator().isEmpty())
        && (sameSize || total < 0 || parked.total() < 0);
  }

  /**
   * Whether it ends before the file does, as a server may have it (RFC 9110, 15.3.7). Of one that
   * sends little at a time, or begins anew behind a part, the rest counts as missing.
   *
   * @param bytes the part's size
   */
  boolean isPiece(long bytes) {
    return status == 206
        && end < total
        && end - first >= SMALLEST_PIECE
        && (bytes == 0 || first > 0);
  }

  /** Whether its rest can be asked for: ranges of a file that is packed at rest are of no use. */
  boolean hasRanges() {
    return encoded || !unpacked;
  }

  /** What the body is a part of, by this answer or else by the one before. */
  PartialFile.Note whole(Optional<PartialFile.Note> parked) {
    Optional<PartialFile.Note> before = parked.filter(part -> status == 206);
    return new PartialFile.Note(
        validator.isEmpty() ? before.map(PartialFile.Note::validator).orElse("") : validator,
        total < 0 ? before.map(PartialFile.Note::total).orElse(-1L) : total,
        ranges,
        source,
        Duration.ZERO,
        parked.map(PartialFile.Note::had).orElse(0L));
  }

  private static String validator(Map<String, Object> headers) {
    String tag = text(headers, "ETag");
    return tag.startsWith("\"") ? tag : text(headers, "Last-Modified");
  }

  private static String text(Map<String, Object> headers, String name) {
    Object value = headers.get(name);
    return value == null ? "" : value.toString().strip();
  }
}
