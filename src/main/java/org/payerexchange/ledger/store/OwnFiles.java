package org.payerexchange.ledger.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.payerexchange.ledger.Attachment;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileNumbers;
import org.payerexchange.ledger.FoundAttachments;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.SplitFile;
import org.payerexchange.ledger.StorePlan;
import org.payerexchange.ledger.StoredBefore;
import org.payerexchange.payer.PayerUrls;

/** Files of a locked transfer that were not downloaded, but written here. */
final class OwnFiles {
  private static final StoredBefore NOTHING = new StoredBefore(null, 0, null, 0);

  private final LedgerDatabase database;

  OwnFiles(LedgerDatabase database) {
    this.database = database;
  }

  /**
   * Records files that stand in the transfer's folder, from where sinks are to have them, and the
   * attachments that they name. Those of an earlier export with the same numbers are written over.
   *
   * @param job as it is from now on
   * @param requiresAccessToken as the manifest says of the files that they were made of, or null
   * @param sinks that take files while others still come
   * @param whole sinks that begin once all files are there
   * @return how many files of the job are to come: attachments, those of earlier exports among
   *     them, and what was lost from the outbox meanwhile
   */
  int store(
      LockedTransfer transfer,
      LockedJob job,
      List<SplitFile> files,
      Boolean requiresAccessToken,
      List<String> sinks,
      List<String> whole) {
    Map<Integer, StoredBefore> before = before(job.id());
    int last = files.stream().mapToInt(SplitFile::number).max().orElse(0);
    transfer.numberFiles(Math.max(0, last - transfer.files()));
    AddedAttachments attachments = AddedAttachments.of(named(files), transfer, job, database);
    Optional<SplitFile> lastNaming = lastNaming(files);
    List<Object[]> added = new ArrayList<>();
    for (SplitFile file : files) {
      StoredBefore was = before.getOrDefault(file.number(), NOTHING);
      List<String> warnings =
          (lastNaming.filter(file::equals).isPresent() ? attachments : AddedAttachments.NONE)
              .warnings(file.file());
      transfer.warn(warnings.size() - was.warnings());
      PlannedDeliveries deliveries = new PlannedDeliveries(database);
      StorePlan plan =
          StorePlan.of(
              was,
              true,
              file.number(),
              turn -> deliveries.isLast(transfer, turn),
              file.file(),
              sinks,
              whole,
              file.wholeTurn(),
              deliveries.known(transfer));
      if (before.containsKey(file.number())) {
        storeAgain(job, file, warnings, plan);
      } else {
        added.add(row(transfer, job, file, warnings, plan));
      }
      deliveries.write(transfer, plan);
    }
    database.insert(
        """
        output_file (job_id, transfer_id, payer, kind, resource_type, place, number, export_number,
          url, state, resources, bytes, sha256, stamp, content, turn, whole_turn, warnings,
          stored_at, updated_at)""",
        "(?, ?, ?, 'OUTPUT', ?, ?, ?, ?, '', 'STORED', ?, ?, ?, ?, ?, ?, ?, ?, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)",
        added);
    // sinks have what is there before what is still to come
    attachments.write(transfer, job, requiresAccessToken, database);
    if (!files.isEmpty()) {
      transfer.hasFile();
    }
    if (!before.isEmpty()) {
      dropUnserved(transfer, job, files);
    }
    return attachments.toCome() == 0 && before.isEmpty()
        ? 0
        : new OpenFiles(database).toCome(job.id());
  }

  /** What the files name together, each URL once. */
  private static FoundAttachments named(List<SplitFile> files) {
    Map<String, Attachment> byUrl = new LinkedHashMap<>();
    long more = 0;
    int most = 0;
    for (SplitFile file : files) {
      FoundAttachments found = file.file().attachments();
      found.found().forEach(each -> byUrl.putIfAbsent(PayerUrls.unsigned(each.url()), each));
      more += found.more();
      most = Math.max(most, found.most());
    }
    return new FoundAttachments(List.copyOf(byUrl.values()), more, most, List.of());
  }

  /** The last of them that names any, where it is said how many are left out. */
  private static Optional<SplitFile> lastNaming(List<SplitFile> files) {
    return files.stream()
        .filter(file -> !file.file().attachments().found().isEmpty())
        .reduce((one, next) -> next);
  }

  /** How the files of a job are numbered that are written for it, one a type. */
  FileNumbers numbers(String transferId, long jobId) {
    Map<String, Integer> known = new HashMap<>();
    database
        .jdbc()
        .sql(
            """
            SELECT resource_type, number FROM output_file WHERE job_id = ? AND url = ''
            ORDER BY number DESC""")
        .param(jobId)
        .query(
            row -> {
              known.put(row.getString("resource_type"), row.getInt("number"));
            });
    return new FileNumbers(
        database
            .jdbc()
            .sql("SELECT files FROM transfer WHERE id = ?")
            .param(transferId)
            .query(Integer.class)
            .single(),
        known);
  }

  private void storeAgain(LockedJob job, SplitFile file, List<String> warnings, StorePlan plan) {
    List<Object> values = stored(file, warnings, plan);
    values.addAll(List.of(job.exports(), job.id(), file.number()));
    database
        .jdbc()
        .sql(
            """
            UPDATE output_file SET state = 'STORED', resources = ?, bytes = ?, sha256 = ?,
              stamp = ?, content = ?, turn = ?, whole_turn = ?, warnings = ?, export_number = ?,
              reason = NULL, detail = NULL, stored_at = CURRENT_TIMESTAMP, updated_at = CURRENT_TIMESTAMP
            WHERE job_id = ? AND number = ?""")
        .params(values)
        .update();
  }

  private static Object[] row(
      LockedTransfer transfer,
      LockedJob job,
      SplitFile file,
      List<String> warnings,
      StorePlan plan) {
    List<Object> values =
        new ArrayList<>(
            List.of(
                job.id(),
                transfer.id(),
                transfer.payer(),
                file.resourceType(),
                file.number(),
                file.number(),
                job.exports()));
    values.addAll(stored(file, warnings, plan));
    return values.toArray();
  }

  /** From {@code resources} to {@code warnings}; some may be null. */
  private static List<Object> stored(SplitFile file, List<String> warnings, StorePlan plan) {
    FetchedFile fetched = file.file();
    return new ArrayList<>(
        Arrays.asList(
            fetched.resources(),
            fetched.bytes(),
            fetched.sha256(),
            fetched.stamp(),
            plan.content(),
            plan.turn(),
            file.wholeTurn(),
            warnings.isEmpty() ? null : String.join("\n", warnings)));
  }

  /** What is stored of an earlier export of the member, and this one has not, stays as it is. */
  private void dropUnserved(LockedTransfer transfer, LockedJob job, List<SplitFile> files) {
    List<Object> values = new ArrayList<>(List.of(job.id()));
    files.forEach(file -> values.add(file.number()));
    drop(
        transfer,
        "job_id = ? AND state <> 'STORED' AND url = ''"
            + (files.isEmpty()
                ? ""
                : " AND number NOT IN (%s)".formatted(LedgerDatabase.values(files.size()))),
        values.toArray());
  }

  /** Deletes rows of the transfer's files, and what was said of them. */
  void drop(LockedTransfer transfer, String which, Object... values) {
    transfer.warn(
        -database
            .jdbc()
            .sql("SELECT warnings FROM output_file WHERE warnings IS NOT NULL AND " + which)
            .params(List.of(values))
            .query((row, at) -> new Row(row).warnings().size())
            .list()
            .stream()
            .mapToInt(Integer::intValue)
            .sum());
    database.jdbc().sql("DELETE FROM output_file WHERE " + which).params(List.of(values)).update();
  }

  private Map<Integer, StoredBefore> before(long jobId) {
    Map<Integer, StoredBefore> before = new HashMap<>();
    database
        .jdbc()
        .sql(
            """
            SELECT number, sha256, content, CASE WHEN state = 'FAILED' THEN NULL ELSE turn END AS turn,
              warnings
            FROM output_file WHERE job_id = ?""")
        .param(jobId)
        .query(
            row -> {
              before.put(row.getInt("number"), StoredBefore.of(new Row(row)));
            });
    return before;
  }
}
