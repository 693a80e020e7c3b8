package org.payerexchange.report;

/** How a report is written, piece by piece. */
interface ReportForm {
  /** What stands before the requests. */
  String head();

  /** One request. */
  String line(ReportLine line);

  /** What stands behind them. */
  String tail(ReportCounts counts);
}
