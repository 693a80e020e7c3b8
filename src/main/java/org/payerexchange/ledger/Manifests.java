package org.payerexchange.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.payerexchange.ledger.KnownFiles.Known;
import org.payerexchange.step.FailureReason;

/** Turns an export manifest into the rows of its job's files. */
final class Manifests {
  private final Leases leases;
  private final LedgerDatabase database;
  private final Steps steps;

  Manifests(Leases leases) {
    this.leases = leases;
    this.database = leases.database();
    this.steps = new Steps(database);
  }

  boolean ready(ExportJobClaim claim, ManifestFacts facts, List<NewFile> files) {
    return leases.ends(
        claim,
        transfer -> {
          Export export = export(claim);
          List<String> remarks = new ArrayList<>(facts.remarks());
          if (export.askedForAll() != null) {
            remarks.add(export.askedForAll());
          }
          List<String> warnings = new ArrayList<>(facts.warnings());
          warnings.addAll(remarks);
          if (!leases
              .update(claim)
              .move(JobState.RUNNING, JobState.READY)
              .atRest()
              .set("transaction_time", facts.transactionTime())
              .set("resource_count", facts.resourceCount())
              .set("progress", null)
              .set("refused_polls", 0)
              .set("warnings", warnings.isEmpty() ? null : String.join("\n", warnings))
              .set("remarks", remarks.size())
              .well()
              .run()) {
            return false;
          }
          transfer.warn(warnings.size() - export.warnings());
          transfer.event(
              EventType.EXPORT_READY, "job %d: %d files".formatted(claim.id(), files.size()));
          reconcile(transfer, claim, export.number(), files);
          leases.fanIn().fileEnded(transfer, claim.id());
          return true;
        });
  }

  private void reconcile(
      LockedTransfer transfer, ExportJobClaim claim, int export, List<NewFile> files) {
    KnownFiles known = new KnownFiles(known(claim.id()), export);
    List<Optional<Known>> found = known.find(files);
    List<Object[]> added = new ArrayList<>();
    List<Object[]> renewed = new ArrayList<>();
    List<Object[]> replaced = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      NewFile file = files.get(i);
      if (found.get(i).isEmpty()) {
        int number = transfer.numberFile();
        added.add(
            new Object[] {
              claim.id(),
              claim.transferId(),
              claim.payer(),
              file.kind().name(),
              file.resourceType(),
              known.addPlace(file),
              number,
              number,
              export,
              file.url(),
              file.requiresAccessToken(),
              file.expectedCount()
            });
        continue;
      }
      Known row = found.get(i).get();
      Object[] values = {
        file.url(), file.requiresAccessToken(), file.expectedCount(), export, row.id()
      };
      if (row.export() < export) {
        replaced.add(values);
      } else if (row.state() == FileState.PENDING) {
        renewed.add(values);
      }
    }
    insert(added);
    renew(renewed);
    replace(transfer.id(), replaced);
    steps.dropDownloads(transfer.id(), known.left().stream().map(Known::id).toList());
    known.left().forEach(row -> notNamed(transfer, row, export));
    steps.addDownloads(transfer.id(), claim.id());
  }

  private void insert(List<Object[]> rows) {
    database.batch(
        """
        INSERT INTO output_file (job_id, transfer_id, payer, kind, resource_type, place, number,
          turn, export_number, url, requires_access_token, expected_count, state, updated_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'PENDING', CURRENT_TIMESTAMP)""",
        rows);
  }

  /** The same export under new URLs. Who is still loading from an old one may go on. */
  private void renew(List<Object[]> rows) {
    database.batch(
        """
        UPDATE output_file SET url = ?, requires_access_token = ?, expected_count = ?,
          export_number = ?
        WHERE id = ?""",
        rows);
  }

  /**
   * Another export of the same group: files of two exports do not add up, so that each is fetched
   * again. Where the content is the same, it keeps its turn, and sinks that have it do not get it
   * again.
   */
  private void replace(String transferId, List<Object[]> rows) {
    database.batch(
        """
        UPDATE output_file SET url = ?, requires_access_token = ?, expected_count = ?,
          export_number = ?, turn = CASE WHEN state = 'FAILED' THEN NULL ELSE turn END,
          state = 'PENDING', resources = NULL, bytes = NULL, lost = 0, missed = 0,
          reason = NULL, detail = NULL
        WHERE id = ?""",
        rows);
    if (!rows.isEmpty()) {
      steps.dropDownloads(
          transferId, rows.stream().map(values -> (Long) values[values.length - 1]).toList());
      steps.dropDeliveries(transferId);
      steps.addDeliveries(transferId);
    }
  }

  /** A file of an earlier export goes with all that was said of it: exports do not add up. */
  private void notNamed(LockedTransfer transfer, Known row, int export) {
    if (row.export() < export) {
      transfer.warn(-warnings(row.id()));
      database.jdbc().sql("DELETE FROM output_file WHERE id = ?").param(row.id()).update();
    } else if (row.state() == FileState.PENDING) {
      String detail = "not named by the manifest any more";
      database
          .jdbc()
          .sql(
              """
              UPDATE output_file SET state = ?, reason = ?, detail = ?,
                updated_at = CURRENT_TIMESTAMP
              WHERE id = ?""")
          .params(
              row.state().to(FileState.FAILED).name(),
              FailureReason.FILE_GONE.name(),
              detail,
              row.id())
          .update();
      transfer.event(EventType.FILE_FAILED, "file %d: %s".formatted(row.number(), detail));
    }
  }

  private int warnings(long fileId) {
    return database
        .jdbc()
        .sql("SELECT warnings FROM output_file WHERE id = ?")
        .param(fileId)
        .query((row, at) -> new Row(row).warnings().size())
        .single();
  }

  private Export export(ExportJobClaim claim) {
    return database
        .jdbc()
        .sql("SELECT exports, warnings, asked_for_all FROM export_job WHERE id = ?")
        .param(claim.id())
        .query(
            (row, at) ->
                new Export(
                    row.getInt("exports"),
                    new Row(row).warnings().size(),
                    row.getString("asked_for_all")))
        .single();
  }

  private List<Known> known(long jobId) {
    return database
        .jdbc()
        .sql(
            """
            SELECT id, kind, resource_type, place, number, export_number, state, url
            FROM output_file WHERE job_id = ? ORDER BY place""")
        .param(jobId)
        .query(
            (results, at) -> {
              Row row = new Row(results);
              return new Known(
                  row.big("id"),
                  new KnownFiles.Type(
                      row.constant(FileKind.class, "kind"), row.text("resource_type")),
                  row.number("place"),
                  row.number("number"),
                  row.number("export_number"),
                  row.constant(FileState.class, "state"),
                  row.text("url"));
            })
        .list();
  }

  private record Export(int number, int warnings, String askedForAll) {}
}
