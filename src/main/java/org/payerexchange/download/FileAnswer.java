package org.payerexchange.download;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.payerexchange.http.ContentCoding;
import org.payerexchange.http.PayerCalls;

/**
 * What the head of an answer says about the file behind it (RFC 9110).
 *
 * @param status 200 or 203 for the whole file, 204 for one that holds nothing, 206 for a part of
 *     it, 416 where there is nothing behind a part
 * @param first the position of the body's first byte in the file
 * @param end the position behind the body's last byte, -1 if the answer does not say
 * @param total the size of the whole file, -1 if the answer does not say
 * @param validator the strong ETag or else the Last-Modified date, empty if there is neither
 * @param ranges whether the server says that it serves parts
 * @param framed whether the body's end can be told from a connection that broke
 * @param coding how it is packed, which the file itself is not
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
    ContentCoding coding,
    String source) {
  private static final int NOTHING = 204;
  private static final int PART = 206;
  private static final int BEYOND = 416;
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
    ContentCoding coding =
        headers.get(PayerCalls.CODING) instanceof ContentCoding told ? told : ContentCoding.NONE;
    boolean framed =
        lengthGiven || coding.unpacked() || !text(headers, "Transfer-Encoding").isEmpty();
    boolean ranges = text(headers, "Accept-Ranges").toLowerCase(Locale.ROOT).contains("bytes");
    String range = text(headers, "Content-Range");
    Place place =
        switch (status) {
          case NOTHING -> Place.whole(0);
          case PART -> Place.part(range);
          case BEYOND -> Place.behind(range);
          default -> Place.whole(lengthGiven ? Long.parseLong(length) : -1);
        };
    if (coding.unpacked() && place.isWhole()) {
      place = Place.whole(-1);
    }
    return new FileAnswer(
        status,
        place.first(),
        place.end(),
        place.total(),
        validator(headers),
        ranges || status == PART || status == BEYOND,
        framed,
        coding,
        source);
  }

  /** Where in the file a body belongs, in its words. */
  private record Place(long first, long end, long total) {
    private static final Pattern RANGE =
        Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");
    private static final Pattern BEHIND = Pattern.compile("bytes \\*/(\\d{1,18})");
    private static final Place UNKNOWN = new Place(-1, -1, -1);

    static Place whole(long total) {
      return new Place(0, total, total);
    }

    /** Of what contradicts itself nothing is known. */
    static Place part(String contentRange) {
      Matcher range = RANGE.matcher(contentRange);
      if (!range.matches()) {
        return UNKNOWN;
      }
      long first = Long.parseLong(range.group(1));
      long end = Long.parseLong(range.group(2)) + 1;
      long total = range.group(3).equals("*") ? -1 : Long.parseLong(range.group(3));
      return first < end && (total < 0 || end <= total) ? new Place(first, end, total) : UNKNOWN;
    }

    static Place behind(String contentRange) {
      Matcher range = BEHIND.matcher(contentRange);
      if (!range.matches()) {
        return UNKNOWN;
      }
      long total = Long.parseLong(range.group(1));
      return new Place(total, total, total);
    }

    boolean isWhole() {
      return first == 0 && end == total;
    }
  }

  /**
   * Whether the body goes on right behind a part, or nothing is behind that.
   *
   * @param bytes the part's size
   * @param parked what it is a part of, empty if there is no part
   */
  boolean continues(long bytes, Optional<PartialFile.Note> parked) {
    return isOfPart()
        && (status == BEYOND || !isPacked())
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
        && (sameSize || (total < 0 && end <= parked.total()) || parked.total() < 0);
  }

  /**
   * Whether it tells of a part: the file ends where it says that it does, and not with the body. A
   * part that is the whole file is none.
   */
  boolean isOfPart() {
    return status == BEYOND || (status == PART && !(first == 0 && end == total));
  }

  /** Whether it is a refusal, and its body none of the file. */
  boolean isRefusal() {
    return status >= 400;
  }

  /** Whether it is a part that is packed: it is the rest of nothing, and nothing is its rest. */
  boolean isPackedPart() {
    return status == PART && isPacked() && isOfPart();
  }

  private boolean isPacked() {
    return coding.isNamed() || coding.unpacked();
  }

  /** Whether its rest can be asked for: ranges of a file that is packed at rest are of no use. */
  boolean hasRanges() {
    return coding.isNamed() || !coding.unpacked();
  }

  /** What the body is a part of, by this answer or else by the one before. */
  PartialFile.Note whole(Optional<PartialFile.Note> parked) {
    Optional<PartialFile.Note> before = parked.filter(part -> isOfPart());
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
