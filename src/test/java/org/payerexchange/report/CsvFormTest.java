package org.payerexchange.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows by RFC 4180 that no spreadsheet runs. */
class CsvFormTest {
  @Test
  void theColumnsAreThoseOfTheJson() {
    assertThat(new CsvForm(true).head())
        .isEqualTo(
            Stream.of(ReportLine.class.getRecordComponents())
                .map(RecordComponent::getName)
                .collect(Collectors.joining(",", "", "\r\n")));
    assertThat(new CsvForm(false).head()).endsWith(",overdue,consentStart\r\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "R-1 | R-1",
        "`a,b` | `\"a,b\"`",
        "`a\"b` | `\"a\"\"b\"`",
        "`a\r\nb` | `\"a\r\nb\"`",
        "=1+1 | '=1+1",
        "`=HYPERLINK(\"x\",\"y\")` | `\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"`",
        "+1 | '+1",
        "-1 | '-1",
        "@SUM(A1) | '@SUM(A1)",
        "`\tx` | `'\tx`",
        "`\rx` | `\"'\rx\"`",
        "`＝1+1` | `'＝1+1`"
      })
  void aCellIsQuotedWhereItHasToBeAndBeginsNoFormula(String text, String cell) {
    assertThat(CsvForm.cell(text)).isEqualTo(cell);
  }

  @Test
  void whatIsNotThereIsEmpty() {
    assertThat(CsvForm.cell(null)).isEmpty();
  }
}
