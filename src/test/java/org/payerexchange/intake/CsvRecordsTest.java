package org.payerexchange.intake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.payerexchange.intake.Samples.HEADER;
import static org.payerexchange.intake.Samples.ROW;
import static org.payerexchange.intake.Samples.flat;
import static org.payerexchange.intake.Samples.read;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CSV as spreadsheets write it. */
class CsvRecordsTest {
  private static final String SEMICOLONS =
      HEADER.replace(',', ';') + "\r\n" + semicolons() + "\r\n";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sep=;\r\n",
        "\"sep=;\"\r\n",
        "SEP=;\n",
        "Members of March\r\n\r\n",
        "Members of March;;;;\r\n",
        "# payer;memberId;given: what the columns mean\r\n# exported today\r\n",
        "[Confidential]\n",
        "\u200B\r\n"
      })
  void linesBeforeTheHeaderArePassedOver(String before) {
    assertThat(read(before + SEMICOLONS))
        .singleElement()
        .satisfies(record -> assertThat(content(record)).isEqualTo(content(read(csv(ROW)).get(0))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "|HEADER\n0|ROW\n",
        "||HEADER|\n0|1|ROW|x\n",
        "\n|HEADER\n0|ROW\n",
        "Region|\"No of\r\nthe row\"|HEADER\r\nNorth|7|ROW\r\n",
        "Members 5\" long\n\"Row\n\n\"\"No\"\"\"|HEADER\n7|ROW\n",
        "Members of \"March\n|HEADER\n\"0\"|ROW\n"
      })
  void columnsOfOtherNamesMoveNoField(String table) {
    for (String separator : List.of("\t", ",", ";", "|")) {
      String text =
          table
              .replace("HEADER", HEADER)
              .replace("ROW", ROW)
              .replace("|", separator)
              .replace(",", separator);
      assertThat(read(text))
          .singleElement()
          .satisfies(
              record -> assertThat(content(record)).isEqualTo(content(read(csv(ROW)).get(0))));
    }
  }

  @Test
  void aSeparatorHintMayNameTheComma() {
    assertThat(read("sep=,\r\n" + csv(ROW))).singleElement().matches(this::isReadable);
  }

  /** Each leaves its quote open, so that it could go on to the end. */
  @Test
  void manyLinesThatEndInAQuoteAreToldOneByOneInBoundedWork() {
    String lines = "\"a\",\"\n".repeat(50_000);

    assertThat(read(HEADER + "\n" + lines + ROW + "\n"))
        .hasSize(50_001)
        .last()
        .matches(this::isReadable);
  }

  @Test
  void aHeaderAloneIsToldToLackRows() {
    assertThat(read("Members\n" + HEADER + "\n , \n"))
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.problem().text())
                  .isEqualTo("the record is missing: there is a header, but no row under it");
              assertThat(record.open()).isTrue();
              assertThat(record.original().isBeginning()).isTrue();
            });
  }

  @Test
  void anInputWithoutAHeaderIsToldHowFarOneWasLookedFor() {
    assertThat(read("title\n".repeat(21) + csv(ROW)).get(0).problem().why())
        .isEqualTo(
            "is neither JSON nor CSV with a header of known fields (after at most 20 other lines),"
                + " in UTF-8");
    assertThat(read("title\n".repeat(20) + csv(ROW))).singleElement().matches(this::isReadable);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r", "\r\r\n", "\n\r"})
  void everyLineEndEndsARow(String end) {
    String text = String.join(end, HEADER, ROW, ROW.replace("Ada", "\"Ada\rB\""), ROW, "");
    assertThat(read(text))
        .hasSize(3)
        .allMatch(this::isReadable)
        .allMatch(record -> !record.open())
        .extracting(record -> record.content().path("given").asText())
        .containsExactly("Ada", "Ada\rB", "Ada");
  }

  static Stream<String> blanks() {
    return Stream.of(
        "\u00A0",
        "\u2003",
        "\u2007",
        "\u202F",
        "\u3000",
        "\u200B",
        "\u200C",
        "\u2060",
        "\uFEFF",
        "\u00AD",
        "\u202A",
        "\u2800",
        " \u00A0\u200B ");
  }

  @ParameterizedTest
  @MethodSource("blanks")
  void blanksOfEveryKindStandForNothingAtTheEndsOfNamesAndCells(String blank) {
    String header = HEADER.replace("memberId", blank + "memberId" + blank);
    String row =
        ROW.replace("Ada", blank + "Ada" + blank).replace("1980-04-05", "1980-04-05" + blank);
    List<RawRecord> records =
        read(header + "," + blank + "\n" + row + "," + blank + "\n" + blank + ",,\n");
    assertThat(records).singleElement().matches(this::isReadable);
    assertThat(content(records.get(0))).isEqualTo(content(read(csv(ROW)).get(0)));
  }

  @Test
  void anEmptyCellBeyondTheHeaderIsNoCell() {
    String rows =
        String.join("\r\n", ROW + ",", ROW + ",,,", ROW, ",".repeat(20), ROW + ",\"\"", "");
    assertThat(read(csv(rows))).hasSize(4).allMatch(this::isReadable);
    assertThat(read(HEADER + ",,,\r\n" + ROW + ",,,\r\n"))
        .singleElement()
        .matches(this::isReadable);
    assertThat(read(csv(ROW + ",,x"))).singleElement().matches(record -> !isReadable(record));
  }

  @Test
  void aRowThatOnlySaysWhatIsNotKnownIsNotPassedOver() {
    assertThat(read(HEADER + ",Remark\n" + ",".repeat(10) + "see below\n")).hasSize(1);
  }

  static Stream<Arguments> encodings() {
    String text = csv(ROW);
    return Stream.of(
        Arguments.of(("\uFEFF" + text).getBytes(UTF_16LE), "is in UTF-16: save it in UTF-8"),
        Arguments.of(("\uFEFF" + text).getBytes(UTF_16BE), "is in UTF-16: save it in UTF-8"),
        Arguments.of(text.getBytes(UTF_16LE), "is in UTF-16: save it in UTF-8"),
        Arguments.of(flat("a").getBytes(UTF_16LE), "is in UTF-16: save it in UTF-8"),
        Arguments.of(new byte[5000], "begins with zeros: it was not copied whole"),
        Arguments.of(
            "Müller, attached".getBytes(ISO_8859_1),
            "is not in UTF-8: send JSON or CSV, saved in UTF-8"),
        Arguments.of(
            new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 26, '\n', 0, 0, 0, 13},
            "is not in UTF-8: send JSON or CSV, saved in UTF-8"),
        Arguments.of(
            "%PDF-1.7\n".getBytes(ISO_8859_1), "is a PDF: send its records as JSON or CSV"),
        Arguments.of(
            new byte[] {'P', 'K', 3, 4, 20, 0},
            "is a ZIP archive or a workbook: save it as CSV in UTF-8"),
        Arguments.of(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0}, "is compressed (gzip): unpack it"));
  }

  @ParameterizedTest
  @MethodSource("encodings")
  void theReasonNamesTheEncoding(byte[] input, String why) {
    assertThat(read(input))
        .singleElement()
        .satisfies(record -> assertThat(record.problem().why()).isEqualTo(why));
  }

  @Test
  void aLastRowWithoutALineEndIsMarked() {
    assertThat(read(csv(ROW) + "\n" + ROW))
        .extracting(RawRecord::open)
        .containsExactly(false, true);
    assertThat(read(csv(ROW) + "\n" + ROW + "\r")).noneMatch(RawRecord::open);
  }

  private boolean isReadable(RawRecord record) {
    return record.unreadable().isEmpty();
  }

  private static String content(RawRecord record) {
    return record.content().toString();
  }

  private static String csv(String rows) {
    return HEADER + "\n" + rows;
  }

  private static String semicolons() {
    return ROW.replace(',', ';');
  }
}
