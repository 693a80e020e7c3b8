package org.payerexchange.report;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A header and a row a request, by RFC 4180. A text that a spreadsheet would take for a formula
 * begins with an apostrophe.
 */
final class CsvForm implements ReportForm {
  private static final List<String> HEADER =
      List.of(
          "id",
          "payer",
          "requestId",
          "enrolledOn",
          "receivedAt",
          "askedAt",
          "answeredAt",
          "answerBusinessDays",
          "deliveredAt",
          "endedAt",
          "state",
          "reason",
          "overdue",
          "consentStart");

  private static final String BEGINS_FORMULA = "=+-@\t\r\n＝＋－＠";

  private final boolean withMembers;

  /**
   * The form.
   *
   * @param withMembers whether there is a column {@code memberId}
   */
  CsvForm(boolean withMembers) {
    this.withMembers = withMembers;
  }

  @Override
  public String head() {
    return String.join(",", HEADER) + (withMembers ? ",memberId" : "") + "\r\n";
  }

  @Override
  public String line(ReportLine line) {
    String row =
        row(
            line.id(),
            line.payer(),
            line.requestId(),
            line.enrolledOn(),
            line.receivedAt(),
            line.askedAt(),
            line.answeredAt(),
            line.answerBusinessDays(),
            line.deliveredAt(),
            line.endedAt(),
            line.state(),
            line.reason(),
            line.overdue().stream().map(Enum::name).collect(Collectors.joining(" ")),
            line.consentStart());
    return (withMembers ? row + "," + cell(line.memberId()) : row) + "\r\n";
  }

  /** What is counted can be counted from the rows. */
  @Override
  public String tail(ReportCounts counts) {
    return "";
  }

  private static String row(Object... values) {
    return Arrays.stream(values).map(CsvForm::cell).collect(Collectors.joining(","));
  }

  static String cell(Object value) {
    String text = value == null ? "" : value.toString();
    if (!text.isEmpty() && BEGINS_FORMULA.indexOf(text.charAt(0)) >= 0) {
      text = "'" + text;
    }
    boolean isPlain = text.chars().noneMatch(c -> ",\"\r\n".indexOf(c) >= 0);
    return isPlain ? text : "\"" + text.replace("\"", "\"\"") + "\"";
  }
}
