package org.payerexchange.ledger.store;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.Failure;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FileName;
import org.payerexchange.ledger.FileNumbers;
import org.payerexchange.ledger.JobKind;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.SharedJobMember;
import org.payerexchange.ledger.SplitClaim;
import org.payerexchange.ledger.SplitFile;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;

/**
 * Exports whose files are not delivered as they came, from the last of them to those that are: each
 * member's own of an export that members share, and those by type of one that is not.
 */
public final class SplitLedger {
  private static final String NOTHING_OF_IT = "the export holds nothing of this member";

  private static final Set<JobState> SERVED = EnumSet.of(JobState.READY, JobState.COMPLETE);

  private final Leases leases;
  private final LedgerDatabase database;

  /** Works on the claims of one node. */
  public SplitLedger(Leases leases) {
    this.leases = leases;
    this.database = leases.database();
  }

  /** All members that the export serves or served, in the order of their transfers. */
  public List<SharedJobMember> members(SplitClaim claim) {
    Map<String, Map<String, Integer>> numbers = numbers(claim);
    return database
        .jdbc()
        .sql(
            """
            SELECT part.id, part.transfer_id, part.state, transfer.consent_end, transfer.files,
              request.patient_id
            FROM export_job part JOIN transfer ON transfer.id = part.transfer_id
            JOIN transfer_request request ON request.transfer_id = part.transfer_id
            WHERE part.shared_job = ? ORDER BY part.transfer_id""")
        .param(claim.id())
        .query(
            (results, at) -> {
              Row row = new Row(results);
              return new SharedJobMember(
                  row.text("transfer_id"),
                  row.big("id"),
                  row.text("patient_id"),
                  row.date("consent_end"),
                  row.constant(JobState.class, "state") == JobState.REQUESTED,
                  SERVED.contains(row.constant(JobState.class, "state")),
                  new FileNumbers(
                      row.number("files"),
                      numbers.getOrDefault(row.text("transfer_id"), Map.of())));
            })
        .list();
  }

  private Map<String, Map<String, Integer>> numbers(SplitClaim claim) {
    Map<String, Map<String, Integer>> numbers = new HashMap<>();
    database
        .jdbc()
        .sql(
            """
            SELECT file.transfer_id, file.resource_type, file.number
            FROM output_file file JOIN export_job part ON part.id = file.job_id
            WHERE part.shared_job = ? AND file.url = '' ORDER BY file.number DESC""")
        .param(claim.id())
        .query(
            row -> {
              numbers
                  .computeIfAbsent(row.getString("transfer_id"), id -> new HashMap<>())
                  .put(row.getString("resource_type"), row.getInt("number"));
            });
    return numbers;
  }

  /** The stored files of the export, in their order. */
  public List<SharedFile> files(SplitClaim claim) {
    return database
        .jdbc()
        .sql(
            """
            SELECT kind, resource_type, number, resources, bytes, sha256, stamp FROM output_file
            WHERE job_id = ? AND state = 'STORED' AND bytes > 0 ORDER BY number""")
        .param(claim.id())
        .query((row, at) -> SharedFile.of(new Row(row)))
        .list();
  }

  /**
   * Has files of the export downloaded again that are not where they were stored, or changed; a few
   * times. It is split after that.
   *
   * @param numbers the files'
   * @return false if the step is another node's by now
   */
  public boolean fetchAgain(SplitClaim claim, List<Integer> numbers) {
    return leases.ends(
        claim,
        batch -> {
          if (!leases.update(claim).move(JobState.SPLITTING, JobState.READY).atRest().run(batch)) {
            return false;
          }
          batch.keep(batch.job(claim.id()).in(JobState.READY));
          leases.fanIn().filesMissing(batch, numbers);
          return true;
        });
  }

  /** Whether a member still waits for its files: neither failed nor cancelled since. */
  public boolean isOpen(SplitClaim claim, SharedJobMember member) {
    return database.finds(
        "SELECT 1 FROM export_job WHERE id = ? AND shared_job = ? AND state = 'REQUESTED'",
        member.jobId(),
        claim.id());
  }

  /**
   * Records that a member's files stand in its folder, from where sinks are to have them: the
   * member's part of the export is complete once they do.
   *
   * @param files none if the export holds nothing of the member
   * @param sinks that take files while others still come
   * @param whole sinks that begin once all files are there
   * @param lacking what of the export could be the member's and is nobody's, in words without PHI
   * @return false if the member has been cancelled, or the step is another node's by now
   */
  public boolean served(
      SplitClaim claim,
      SharedJobMember member,
      List<SplitFile> files,
      List<String> sinks,
      List<String> whole,
      List<String> lacking) {
    return forMember(
        claim,
        member,
        transfer -> {
          if (!isPart(claim, transfer, member.jobId())) {
            return false;
          }
          LockedJob job = transfer.job(member.jobId());
          LockedJob ready =
              take(
                  claim,
                  transfer,
                  job,
                  lacking,
                  files.isEmpty() ? List.of(NOTHING_OF_IT) : List.of());
          transfer.warn(ready.warnings().size() - job.warnings().size());
          transfer.keep(ready);
          int attachments =
              new OwnFiles(database)
                  .store(transfer, ready, files, requiresAccessToken(claim, files), sinks, whole);
          leases.fanIn().filesChanged(transfer, transfer.job(job.id()), attachments, 0, 0);
          return true;
        });
  }

  /** A member's part is of the same export, at the same time, and lacks what that lacks. */
  private LockedJob take(
      SplitClaim claim,
      LockedTransfer transfer,
      LockedJob job,
      List<String> lacking,
      List<String> remarks) {
    database.update(
        """
            UPDATE export_job SET state = ?, open_files = 0, exports = exports + 1,
              (transaction_time, kickoff_started_at, asked_for, since, started_at, warnings,
                remarks) =
                (SELECT transaction_time, kickoff_started_at, asked_for, since, started_at, warnings,
                  remarks FROM export_job shared WHERE shared.id = ?),
              reason = NULL, detail = NULL, updated_at = CURRENT_TIMESTAMP
            WHERE id = ?""",
        job.state().to(JobState.READY).name(),
        claim.id(),
        job.id());
    LockedJob taken = transfer.reread(job.id());
    List<String> warnings = new ArrayList<>(taken.warnings());
    warnings.addAll(warningsOf(claim, "kind = 'ERROR'"));
    warnings.addAll(shortfalls(claim));
    warnings.addAll(lacking);
    warnings.addAll(remarks);
    if (warnings.size() == taken.warnings().size()) {
      return taken;
    }
    database.update(
        "UPDATE export_job SET warnings = ?, remarks = remarks + ? WHERE id = ?",
        String.join("\n", warnings),
        remarks.size(),
        job.id());
    return taken.ready(taken.openFiles(), taken.announced(), warnings);
  }

  /**
   * Of some files of the export: what the payer's error files say, and that they could not be had,
   * may be any member's.
   */
  private List<String> warningsOf(SplitClaim claim, String which) {
    return database
        .jdbc()
        .sql(
            """
            SELECT warnings FROM output_file
            WHERE job_id = ? AND %s AND warnings IS NOT NULL ORDER BY number"""
                .formatted(which))
        .param(claim.id())
        .query((row, at) -> new Row(row).warnings())
        .list()
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  /** What did not come of what was announced may be any member's, too. */
  private List<String> shortfalls(SplitClaim claim) {
    return database
        .jdbc()
        .sql(
            """
            SELECT resource_type, SUM(expected_count - resources) AS missing FROM output_file
            WHERE job_id = ? AND kind = 'OUTPUT' AND resources < expected_count
            GROUP BY resource_type ORDER BY resource_type""")
        .param(claim.id())
        .query(
            (row, at) ->
                "%s %s resources less arrived than announced"
                    .formatted(row.getLong("missing"), row.getString("resource_type")))
        .list();
  }

  /** What the manifest says of the export's files, as far as it matters: null if nothing. */
  private Boolean requiresAccessToken(SplitClaim claim, List<SplitFile> files) {
    return files.stream().allMatch(file -> file.file().attachments().found().isEmpty())
        ? null
        : database
            .jdbc()
            .sql(
                """
                SELECT requires_access_token FROM output_file
                WHERE job_id = ? AND shared AND requires_access_token IS NOT NULL LIMIT 1""")
            .param(claim.id())
            .query(Boolean.class)
            .optional()
            .orElse(null);
  }

  /** A member gets nothing of the export: its own part of it fails. */
  public boolean notServed(
      SplitClaim claim, SharedJobMember member, FailureReason reason, String detail) {
    return forMember(
        claim,
        member,
        transfer ->
            isPart(claim, transfer, member.jobId())
                && leases
                    .fanIn()
                    .members()
                    .fail(transfer, member.jobId(), new Failure(reason, detail)));
  }

  /**
   * A member that was sent on since has its part of another export, or is to have one; one that has
   * ended may be forgotten, and has none any more.
   */
  private boolean isPart(SplitClaim claim, LockedTransfer transfer, long jobId) {
    return transfer.state() == TransferState.MATCHED
        && transfer.job(jobId).state() == JobState.REQUESTED
        && database.finds(
            "SELECT 1 FROM export_job WHERE id = ? AND shared_job = ?", jobId, claim.id());
  }

  private boolean forMember(
      SplitClaim claim, SharedJobMember member, Predicate<LockedTransfer> work) {
    return leases.transition(
        claim,
        batch -> {
          if (!leases.update(claim).keepLeased(leases.duration()).run(batch)) {
            return false;
          }
          AtomicBoolean done = new AtomicBoolean();
          leases
              .fanIn()
              .members()
              .change(batch, member.transferId(), transfer -> done.set(work.test(transfer)));
          return done.get();
        });
  }

  /**
   * Ends the export: each member was served, or is out.
   *
   * @param warnings what went to nobody, in words without PHI
   * @return false if the step is another node's by now
   */
  public boolean done(SplitClaim claim, List<String> warnings) {
    return leases.ends(
        claim,
        batch -> {
          LockedJob job = batch.job(claim.id());
          List<String> all = new ArrayList<>(job.warnings());
          all.addAll(warnings);
          if (!leases
              .update(claim)
              .move(JobState.SPLITTING, JobState.COMPLETE)
              .atRest()
              .set("warnings", all.isEmpty() ? null : String.join("\n", all))
              .setTo("finished_at = CURRENT_TIMESTAMP")
              .well()
              .run(batch)) {
            return false;
          }
          new OpenFiles(database).remove(claim.id());
          batch.warn(warnings.size());
          batch.event(EventType.EXPORT_COMPLETE, "job " + claim.id());
          leases.fanIn().jobEnded(batch);
          return true;
        });
  }

  /**
   * Numbers the files that an export of one transfer is split into by type. What other jobs of the
   * transfer bring meanwhile has other numbers.
   *
   * @return empty if the step is another node's by now
   */
  public Optional<FileNumbers> numbers(SplitClaim claim, Collection<String> types) {
    AtomicReference<FileNumbers> numbers = new AtomicReference<>();
    boolean done =
        leases.transition(
            claim,
            transfer -> {
              numbers.set(new OwnFiles(database).numbers(transfer.id(), claim.id()));
              Set<String> known = numbers.get().known().keySet();
              transfer.numberFiles(
                  (int) types.stream().filter(type -> !known.contains(type)).count());
              return leases.update(claim).keepLeased(leases.duration()).run(transfer);
            });
    return done ? Optional.of(numbers.get()) : Optional.empty();
  }

  /**
   * Records that an export of one transfer is split by type: its files stand in the transfer's
   * folder, from where sinks are to have them, and those that it came in are none any more.
   *
   * @param files with numbers of {@link #numbers}
   * @param sinks that take files while others still come
   * @param whole sinks that begin once all files are there
   * @return false if the step is another node's by now
   */
  public boolean splitByType(
      SplitClaim claim, List<SplitFile> files, List<String> sinks, List<String> whole) {
    return leases.ends(
        claim,
        transfer -> {
          LockedJob job = transfer.job(claim.id());
          List<String> warnings = new ArrayList<>(job.warnings());
          warnings.addAll(warningsOf(claim, "shared"));
          if (!leases
              .update(claim)
              .move(JobState.SPLITTING, JobState.READY)
              .atRest()
              .set("kind", JobKind.EXPORT.name())
              .set("open_files", 0)
              .set("warnings", warnings.isEmpty() ? null : String.join("\n", warnings))
              .well()
              .run(transfer)) {
            return false;
          }
          Boolean token = requiresAccessToken(claim, files);
          database.update("DELETE FROM output_file WHERE job_id = ? AND shared", claim.id());
          int attachments =
              new OwnFiles(database)
                  .store(transfer, transfer.reread(claim.id()), files, token, sinks, whole);
          leases.fanIn().filesChanged(transfer, transfer.job(claim.id()), attachments, 0, 0);
          return true;
        });
  }

  /**
   * A stored file of an export that is split.
   *
   * @param number counts the files of the batch, or the transfer
   * @param resources how many are in it
   */
  public record SharedFile(
      FileKind kind,
      String resourceType,
      int number,
      long resources,
      long bytes,
      String sha256,
      String stamp) {
    static SharedFile of(Row row) throws SQLException {
      return new SharedFile(
          row.constant(FileKind.class, "kind"),
          row.text("resource_type"),
          row.number("number"),
          row.big("resources"),
          row.big("bytes"),
          row.text("sha256"),
          row.text("stamp"));
    }

    /** Whether its resources are of all types. */
    public boolean holdsAllTypes() {
      return kind.holdsAllTypes(resourceType);
    }

    /** Its name in the folder of its batch: {@code Patient-3.ndjson}. */
    public String name() {
      return FileName.of(resourceType, number);
    }
  }
}
