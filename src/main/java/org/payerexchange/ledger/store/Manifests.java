package org.payerexchange.ledger.store;

import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.Failure;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FileName;
import org.payerexchange.ledger.FileState;
import org.payerexchange.ledger.JobKind;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.KnownFiles;
import org.payerexchange.ledger.KnownFiles.Known;
import org.payerexchange.ledger.ManifestFacts;
import org.payerexchange.ledger.ManifestPlan;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.ledger.PatientBound;
import org.payerexchange.ledger.Row;
import org.payerexchange.step.FailureReason;

/** Turns an export manifest into the rows of its job's files. */
final class Manifests {
  private static final String UNNAMED = "not named by the manifest any more";

  private final Leases leases;
  private final PatientBound patients;
  private final LedgerDatabase database;

  Manifests(Leases leases, PatientBound patients) {
    this.leases = leases;
    this.patients = patients;
    this.database = leases.database();
  }

  boolean ready(ExportJobClaim claim, ManifestFacts facts, List<NewFile> files) {
    return leases.ends(
        claim,
        transfer -> {
          LockedJob job = transfer.job(claim.id());
          Optional<Failure> tooMany =
              job.isMembersOwn()
                  ? patients.exceededBy(PatientBound.announced(files))
                  : Optional.empty();
          if (tooMany.isPresent()) {
            return leases.fanIn().jobOfOthers(transfer, claim, tooMany.get());
          }
          List<String> remarks = new ArrayList<>(facts.remarks());
          if (job.askedForAll() != null) {
            remarks.add(job.askedForAll());
          }
          List<String> warnings = new ArrayList<>(facts.warnings());
          warnings.addAll(remarks);
          JobKind kind = job.kind().with(files);
          ManifestPlan plan =
              ManifestPlan.of(
                  transfer.files() == 0 ? List.of() : known(claim.id(), kind),
                  files,
                  job.exports(),
                  transfer.files());
          int open =
              plan.open()
                  + (transfer.files() == 0 ? 0 : AddedAttachments.open(claim.id(), database));
          if (!leases
              .update(claim)
              .move(JobState.RUNNING, JobState.READY)
              .atRest()
              .set("kind", kind.name())
              .set("open_files", open)
              .set("transaction_time", facts.transactionTime())
              .set("resource_count", facts.resourceCount())
              .set("files_until", LedgerDatabase.time(facts.filesUntil()))
              .set("progress", null)
              .set("refused_polls", 0)
              .set("warnings", warnings.isEmpty() ? null : String.join("\n", warnings))
              .set("remarks", remarks.size())
              .well()
              .run(transfer)) {
            return false;
          }
          transfer.warn(warnings.size() - job.warnings().size());
          transfer.event(
              EventType.EXPORT_READY,
              "job %s: %s files%s"
                  .formatted(
                      claim.id(),
                      files.size(),
                      facts.filesUntil() == null
                          ? ""
                          : ", kept by the payer until "
                              + facts.filesUntil().truncatedTo(ChronoUnit.SECONDS)));
          write(transfer, claim, plan, job.as(kind));
          if (open > 0) {
            transfer.steps().addDownloads(claim.id(), open);
          }
          leases
              .fanIn()
              .filesChanged(
                  transfer, job.as(kind).ready(open, facts.resourceCount(), warnings), 0, 0, 0);
          return true;
        });
  }

  private void write(
      LockedTransfer transfer, ExportJobClaim claim, ManifestPlan plan, LockedJob job) {
    int export = job.exports();
    insert(transfer, claim, plan.added(), job);
    transfer.numberFiles(plan.added().size());
    renew(plan.renewed(), export);
    replace(transfer, plan.replaced(), export);
    drop(transfer, plan.gone(), plan.unnamed());
    if (!plan.replaced().isEmpty() || !plan.gone().isEmpty()) {
      transfer.steps().listDeliveriesAnew();
    }
  }

  private void insert(
      LockedTransfer transfer,
      ExportJobClaim claim,
      List<ManifestPlan.Added> files,
      LockedJob job) {
    boolean inTurn =
        files.isEmpty() || new PlannedDeliveries(database).isLast(transfer, transfer.files());
    database.insert(
        """
        output_file (job_id, transfer_id, payer, kind, resource_type, place, number,
          turn, shared, export_number, url, requires_access_token, expected_count, state, updated_at)""",
        "(?, ?, ?, ?, ?, ?, ?, CAST(? AS BIGINT), ?, ?, ?, CAST(? AS BOOLEAN), CAST(? AS BIGINT), 'PENDING', CURRENT_TIMESTAMP)",
        files.stream().map(added -> row(claim, added, job, inTurn)).toList());
  }

  /** What is split before it is delivered has no turn at any sink. */
  private static Object[] row(
      ExportJobClaim claim, ManifestPlan.Added added, LockedJob job, boolean inTurn) {
    NewFile file = added.file();
    boolean split = job.kind() == JobKind.SHARED || file.holdsAllTypes();
    return new Object[] {
      claim.id(),
      claim.transferId(),
      claim.payer(),
      file.kind().name(),
      file.resourceType(),
      added.place(),
      added.number(),
      split || !inTurn ? null : added.number(),
      split,
      job.exports(),
      file.url(),
      file.requiresAccessToken(),
      file.expectedCount()
    };
  }

  private void renew(List<ManifestPlan.Named> files, int export) {
    database.batch(
        """
        UPDATE output_file SET url = ?, requires_access_token = ?, expected_count = ?,
          export_number = ?
        WHERE id = ?""",
        named(files, export));
  }

  /**
   * Where the content is the same, a file keeps its turn, and sinks that have it do not get it
   * again.
   */
  private void replace(LockedTransfer transfer, List<ManifestPlan.Named> files, int export) {
    database.batch(
        """
        UPDATE output_file SET url = ?, requires_access_token = ?, expected_count = ?,
          export_number = ?, turn = CASE WHEN state = 'FAILED' THEN NULL ELSE turn END,
          state = 'PENDING', resources = NULL, bytes = NULL, lost = 0, missed = 0,
          reason = NULL, detail = NULL
        WHERE id = ?""",
        named(files, export));
    if (!files.isEmpty()) {
      transfer.steps().dropDownloads(files.stream().map(file -> file.known().id()).toList());
    }
  }

  private static List<Object[]> named(List<ManifestPlan.Named> files, int export) {
    return files.stream()
        .map(
            named ->
                new Object[] {
                  named.file().url(),
                  named.file().requiresAccessToken(),
                  named.file().expectedCount(),
                  export,
                  named.known().id()
                })
        .toList();
  }

  private void drop(LockedTransfer transfer, List<Known> gone, List<Known> unnamed) {
    transfer
        .steps()
        .dropDownloads(Stream.concat(gone.stream(), unnamed.stream()).map(Known::id).toList());
    transfer.warn(-gone.stream().mapToInt(Known::warnings).sum());
    gone.stream()
        .filter(file -> file.state() == FileState.STORED)
        .forEach(
            file ->
                transfer.event(
                    EventType.FILE_STORED,
                    "%s: by an earlier export, and %s"
                        .formatted(
                            FileName.of(file.type().resourceType(), file.number()), UNNAMED)));
    database.batch(
        "DELETE FROM output_file WHERE id = ?",
        gone.stream().map(file -> new Object[] {file.id()}).toList());
    database.batch(
        """
        UPDATE output_file SET state = ?, reason = ?, detail = ?, updated_at = CURRENT_TIMESTAMP
        WHERE id = ?""",
        unnamed.stream()
            .map(
                file ->
                    new Object[] {
                      file.state().to(FileState.FAILED).name(),
                      FailureReason.FILE_GONE.name(),
                      UNNAMED,
                      file.id()
                    })
            .toList());
    unnamed.forEach(
        file ->
            transfer.event(EventType.FILE_FAILED, "file %s: %s".formatted(file.number(), UNNAMED)));
  }

  private List<Known> known(long jobId, JobKind kind) {
    return database
        .jdbc()
        .sql(
            """
            SELECT id, kind, resource_type, place, number, export_number, state, url, warnings
            FROM output_file WHERE job_id = ? AND kind <> 'ATTACHMENT' %s ORDER BY place"""
                .formatted(kind.named()))
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
                  row.text("url"),
                  row.warnings().size());
            })
        .list();
  }
}
