package org.payerexchange.intake;

import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Tells by its first bytes what an input is that is no text in UTF-8. */
final class Encodings {
  private static final int LOOKED_AT = 200;
  private static final String UTF_16 = "is in UTF-16: save it in UTF-8";

  /** In this order: the mark of UTF-32 begins with that of UTF-16. */
  private static final List<Beginning> BEGINNINGS =
      List.of(
          new Beginning("fffe0000", "is in UTF-32: save it in UTF-8"),
          new Beginning("0000feff", "is in UTF-32: save it in UTF-8"),
          new Beginning("00000000", "begins with zeros: it was not copied whole"),
          new Beginning("fffe", UTF_16),
          new Beginning("feff", UTF_16),
          new Beginning("1f8b", "is compressed (gzip): unpack it"),
          new Beginning("504b0304", "is a ZIP archive or a workbook: save it as CSV in UTF-8"),
          new Beginning("d0cf11e0", "is a workbook: save it as CSV in UTF-8"),
          new Beginning("25504446", "is a PDF: send its records as JSON or CSV"));

  private Encodings() {}

  /** What the bytes begin as, if that is something else than UTF-8 text. */
  static Optional<String> other(byte[] start) {
    String first = HexFormat.of().formatHex(start, 0, Math.min(start.length, 4));
    return BEGINNINGS.stream()
        .filter(beginning -> first.startsWith(beginning.hex))
        .map(Beginning::why)
        .findFirst()
        .or(() -> everySecondIsZero(start) ? Optional.of(UTF_16) : Optional.empty());
  }

  private static boolean everySecondIsZero(byte[] start) {
    int length = Math.min(start.length, LOOKED_AT);
    int[] zeros = new int[2];
    for (int i = 0; i < length; i++) {
      zeros[i % 2] += start[i] == 0 ? 1 : 0;
    }
    return length >= 4 && Math.max(zeros[0], zeros[1]) > length / 3;
  }

  private record Beginning(String hex, String why) {}
}
