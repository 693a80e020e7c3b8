package org.payerexchange.ledger;

import java.util.ArrayList;
import java.util.List;
import org.payerexchange.ledger.TransferReport.ReportedFile;

/** Reads how a transfer ended. */
final class Reports {
  private final LedgerDatabase database;

  Reports(LedgerDatabase database) {
    this.database = database;
  }

  TransferReport report(String transferId) {
    List<String> warnings = new ArrayList<>();
    database
        .jdbc()
        .sql("SELECT warnings FROM export_job WHERE transfer_id = ? ORDER BY id")
        .param(transferId)
        .query(
            row -> {
              warnings.addAll(new Row(row).warnings());
            });
    List<ReportedFile> files = files(transferId, warnings);
    return database
        .jdbc()
        .sql("SELECT * FROM transfer WHERE id = ?")
        .param(transferId)
        .query(
            (results, at) -> {
              Row row = new Row(results);
              return new TransferReport(
                  row.text("id"),
                  row.text("request_id"),
                  row.text("payer"),
                  row.text("source"),
                  row.number("record_number"),
                  row.constant(TransferState.class, "state"),
                  row.reason(),
                  row.text("detail"),
                  row.instant("received_at"),
                  row.instant("finished_at"),
                  warnings,
                  files);
            })
        .optional()
        .orElseThrow(() -> new IllegalArgumentException("no transfer " + transferId));
  }

  private List<ReportedFile> files(String transferId, List<String> warnings) {
    List<ReportedFile> files = new ArrayList<>();
    database
        .jdbc()
        .sql("SELECT * FROM output_file WHERE transfer_id = ? ORDER BY number")
        .param(transferId)
        .query(
            results -> {
              Row row = new Row(results);
              String name = FileName.of(row.text("resource_type"), row.number("number"));
              row.warnings().forEach(warning -> warnings.add(name + ": " + warning));
              files.add(
                  new ReportedFile(
                      name,
                      row.constant(FileKind.class, "kind"),
                      row.text("resource_type"),
                      row.number("number"),
                      row.constant(FileState.class, "state"),
                      row.bigOrNull("resources"),
                      row.bigOrNull("bytes"),
                      row.text("sha256"),
                      row.reason()));
            });
    return files;
  }
}
