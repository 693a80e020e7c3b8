package org.payerexchange.ledger.store;

import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.payerexchange.dialect.BulkMatch;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.Failure;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.LastExport;
import org.payerexchange.ledger.PatientHash;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.jdbc.support.KeyHolder;

/**
 * Batches of members that a payer is asked for at once. A batch is carried like a transfer, with a
 * match job and the exports that its members share; each member's transfer goes on by itself.
 */
public final class BatchLedger {
  private static final String ANSWERED = "the payer's answer says so";
  private static final String AMBIGUOUS =
      "the payer names several Patients for this member, or one for several members";

  private final Leases leases;
  private final LedgerDatabase database;
  private final Batches batches;

  /** Works on the claims of one node. */
  public BatchLedger(Leases leases) {
    this.leases = leases;
    this.database = leases.database();
    this.batches = leases.fanIn().members().batches();
  }

  /**
   * The members that wait for the batch's answer, in the order of their transfers. Nobody joins it
   * any more.
   */
  public List<BatchMember> members(ExportJobClaim claim) {
    database.change(() -> batches.close(claim.transferId()));
    return database
        .jdbc()
        .sql(
            """
            SELECT transfer.id, transfer.consent_end, request.request_json FROM transfer
            JOIN transfer_request request ON request.transfer_id = transfer.id
            WHERE batch_id = ? AND state = 'RECEIVED' ORDER BY transfer.id""")
        .param(claim.transferId())
        .query(
            (results, at) -> {
              Row row = new Row(results);
              return new BatchMember(
                  row.text("id"), row.text("request_json"), row.date("consent_end"));
            })
        .list();
  }

  /**
   * Records that the match is about to be asked for: what a lost answer leaves at the payer is not
   * known.
   *
   * @return false if the step is another node's by now
   */
  public boolean started(ExportJobClaim claim) {
    return ExportJobLedger.started(
        leases,
        claim,
        "match job " + claim.id(),
        update -> {
          members().asked(claim);
          return update;
        });
  }

  /** How many members the batch was made of, also those who do not wait any more. */
  public int size(ExportJobClaim claim) {
    return batches.size(claim.transferId());
  }

  /** Ends a batch that nobody waits for any more. */
  public boolean nobodyWaits(ExportJobClaim claim) {
    return over(claim, "nobody waits for it any more", batch -> {});
  }

  /** A member cannot be asked for, or its answer is of no use: it fails, and the others do not. */
  public boolean memberFailed(
      ExportJobClaim claim, String transferId, FailureReason reason, String detail) {
    return leases.transition(
        claim,
        batch -> {
          if (!leases.update(claim).keepLeased(leases.duration()).run(batch)) {
            return false;
          }
          members().fail(batch, transferId, TransferState.FAILED, new Failure(reason, detail));
          return true;
        });
  }

  /**
   * The payer refuses the batch as a whole, maybe for one of its members: each half is asked for
   * anew, until who is refused stands alone and is the only one to fail.
   *
   * @param why what it said, without PHI
   */
  public boolean refused(ExportJobClaim claim, String why) {
    return over(
        claim,
        why,
        batch -> members().refused(batch, new Failure(FailureReason.PAYER_REFUSED, why)));
  }

  /** The match job comes to nothing, and the batch with it. */
  private boolean over(ExportJobClaim claim, String why, Consumer<LockedTransfer> then) {
    return leases.ends(
        claim,
        batch -> {
          if (!leases
              .update(claim)
              .move(claim.state(), JobState.CANCELLED)
              .atRest()
              .setTo("finished_at = CURRENT_TIMESTAMP")
              .run(batch)) {
            return false;
          }
          then.accept(batch);
          batch.openJobs(-1);
          batch.endBatch(TransferState.CANCELLED, new Failure(FailureReason.CANCELLED, why));
          return true;
        });
  }

  /**
   * The last whole export of the Patient of each of these transfers, of those that had any. It
   * counts once it was delivered, as {@link ExportJobLedger#lastDelivered} has it.
   *
   * @param patients their ids by transfer
   */
  public Map<String, LastExport> marks(String payer, Map<String, String> patients) {
    Map<String, LastExport> marks = new HashMap<>();
    patients.forEach(
        (transfer, patient) ->
            database
                .jdbc()
                .sql(
                    """
              SELECT transaction_time, kickoff_started_at, asked_for FROM export_job
              WHERE payer = ? AND patient_sha256 = ? AND state = 'COMPLETE' AND %s
              ORDER BY finished_at DESC LIMIT 1"""
                        .formatted(ExportJobLedger.DELIVERED_WHOLE))
                .params(payer, PatientHash.of(patient), transfer)
                .query((row, at) -> LastExport.of(new Row(row)))
                .optional()
                .ifPresent(last -> marks.put(transfer, last)));
    return marks;
  }

  /**
   * Records the answer: what became of each member, and the exports that they share, due at once. A
   * member that it does not speak of for certain is asked for once more, alone; the second time it
   * fails. One who is answered with the Patient of another is AMBIGUOUS_MATCH, and the other, whose
   * data that may be, gets nothing any more.
   *
   * @param outcomes by transfer
   * @param exports of those that matched
   */
  public boolean answered(
      ExportJobClaim claim,
      Map<String, BulkMatch.Outcome> outcomes,
      List<BulkMatch.Export> exports) {
    return leases.ends(
        claim,
        batch -> {
          if (!leases
              .update(claim)
              .move(claim.state(), JobState.COMPLETE)
              .atRest()
              .setTo("finished_at = CURRENT_TIMESTAMP")
              .well()
              .run(batch)) {
            return false;
          }
          // of two answers with one Patient the later one is to see the earlier
          database.oneByOne("answers of " + claim.payer());
          batch.goOn(TransferState.MATCHED);
          batch.event(EventType.BATCH_ANSWERED, inWords(outcomes.values()));
          String triedBefore = triedBefore(claim);
          new TreeMap<>(outcomes).forEach((id, outcome) -> take(batch, id, outcome, triedBefore));
          int part = 0;
          for (BulkMatch.Export export : exports) {
            add(batch, export, part++);
          }
          for (String unanswered : members().waiting(batch.id())) {
            unread(batch, unanswered, triedBefore, "the answer does not speak of this member");
          }
          batch.steps().addKickoffs(exports.size());
          leases.fanIn().jobEnded(batch);
          return true;
        });
  }

  private String triedBefore(ExportJobClaim claim) {
    return database
        .jdbc()
        .sql("SELECT tried_before FROM member_batch WHERE id = ?")
        .param(claim.transferId())
        .query((row, at) -> Optional.ofNullable(row.getString("tried_before")))
        .single()
        .orElse(null);
  }

  private static String inWords(Collection<BulkMatch.Outcome> outcomes) {
    Map<BulkMatch.Kind, Long> counts =
        outcomes.stream()
            .collect(
                Collectors.groupingBy(
                    BulkMatch.Outcome::kind,
                    () -> new EnumMap<>(BulkMatch.Kind.class),
                    Collectors.counting()));
    return counts.entrySet().stream()
        .map(count -> count.getValue() + " " + count.getKey())
        .collect(Collectors.joining(", "));
  }

  private void take(
      LockedTransfer batch, String transferId, BulkMatch.Outcome outcome, String triedBefore) {
    switch (outcome.kind()) {
      case MATCHED -> {}
      case NO_MATCH -> ends(batch, transferId, FailureReason.NO_MATCH, ANSWERED);
      case CONSENT_CONSTRAINED ->
          ends(batch, transferId, FailureReason.CONSENT_CONSTRAINED, ANSWERED);
      case AMBIGUOUS -> {
        ends(batch, transferId, FailureReason.AMBIGUOUS_MATCH, AMBIGUOUS);
        othersWith(batch, transferId, outcome.patientId())
            .forEach(other -> notAnyMore(batch, other));
      }
      case UNCORRELATED -> unread(batch, transferId, triedBefore, outcome.why());
    }
  }

  private void unread(LockedTransfer batch, String transferId, String triedBefore, String why) {
    if (triedBefore == null) {
      askAlone(batch, transferId, why);
    } else {
      members()
          .fail(
              batch, transferId, TransferState.FAILED, new Failure(FailureReason.BAD_ANSWER, why));
    }
  }

  /**
   * Other members of the payer that were answered with this Patient, as long as their requests are
   * kept; two transfers of one member are no others, unless it is not known who the member is.
   */
  private List<BatchMembers.Part> othersWith(
      LockedTransfer batch, String transferId, String patientId) {
    return patientId == null
        ? List.of()
        : database
            .jdbc()
            .sql(
                """
                SELECT part.transfer_id, part.id FROM export_job part
                JOIN transfer_request other ON other.transfer_id = part.transfer_id
                JOIN transfer_request mine ON mine.transfer_id = ?
                WHERE part.payer = ? AND part.patient_sha256 = ? AND part.kind = 'MEMBER'
                  AND part.transfer_id <> mine.transfer_id
                  AND COALESCE(other.member_key <> mine.member_key, TRUE)
                ORDER BY part.transfer_id""")
            .params(transferId, batch.payer(), PatientHash.of(patientId))
            .query(
                (row, at) -> new BatchMembers.Part(row.getString("transfer_id"), row.getLong("id")))
            .list();
  }

  /** The data may be another's. */
  private void notAnyMore(LockedTransfer batch, BatchMembers.Part other) {
    members()
        .change(
            batch,
            other.transferId(),
            member ->
                members()
                    .fail(
                        member,
                        other.job(),
                        new Failure(FailureReason.AMBIGUOUS_MATCH, AMBIGUOUS)));
  }

  private void ends(LockedTransfer batch, String transferId, FailureReason reason, String detail) {
    members().fail(batch, transferId, TransferState.NO_MATCH, new Failure(reason, detail));
  }

  private void askAlone(LockedTransfer batch, String transferId, String why) {
    members()
        .change(
            batch,
            transferId,
            member -> {
              if (members().waits(batch, member)) {
                member.event(EventType.ASKED_ALONE, why);
                batches.apart(batch, List.of(transferId), batch.id());
              }
            });
  }

  private void add(LockedTransfer batch, BulkMatch.Export export, int part) {
    KeyHolder key = new GeneratedKeyHolder();
    database
        .jdbc()
        .sql(
            """
            INSERT INTO export_job (transfer_id, payer, group_id, kind, part, state, since, named,
              updated_at)
            VALUES (?, ?, ?, 'SHARED', ?, 'REQUESTED', CAST(? AS TIMESTAMP WITH TIME ZONE), ?,
              CURRENT_TIMESTAMP)""")
        .params(
            Arrays.asList(
                batch.id(),
                batch.payer(),
                export.groupId(),
                part,
                LedgerDatabase.time(export.since().orElse(null)),
                export.named()))
        .update(key, "id");
    long jobId = key.getKeyAs(Long.class);
    batch.openJobs(1);
    export.members().forEach(member -> matchUnlessAnothers(batch, jobId, member));
    // the whole Group would bring those as well who got no part
    database.update(
        """
            UPDATE export_job SET named = TRUE WHERE id = ?
              AND (SELECT COUNT(*) FROM export_job part WHERE part.shared_job = ?) < ?""",
        jobId,
        jobId,
        export.members().size());
  }

  /**
   * Halves of a batch, or one who is asked for alone, may be answered with each other's Patient.
   */
  private void matchUnlessAnothers(
      LockedTransfer batch, long sharedJob, BulkMatch.Matched matched) {
    List<BatchMembers.Part> others = othersWith(batch, matched.transfer(), matched.patientId());
    if (others.isEmpty()) {
      match(batch, sharedJob, matched);
    } else {
      ends(batch, matched.transfer(), FailureReason.AMBIGUOUS_MATCH, AMBIGUOUS);
      others.forEach(other -> notAnyMore(batch, other));
    }
  }

  private void match(LockedTransfer batch, long sharedJob, BulkMatch.Matched matched) {
    members()
        .change(
            batch,
            matched.transfer(),
            member -> {
              if (!members().waits(batch, member)) {
                return;
              }
              member.goOn(TransferState.MATCHED);
              member.event(EventType.MATCHED, "1 to export, with batch " + batch.id());
              member.isPatient(matched.patientId());
              part(member, sharedJob, matched);
            });
  }

  /** A member that is asked for again keeps its part, and the names of its files. */
  private void part(LockedTransfer member, long sharedJob, BulkMatch.Matched matched) {
    String patient = PatientHash.of(matched.patientId());
    // what another Patient's export brought is not this member's
    new OwnFiles(database)
        .drop(
            member,
            """
            job_id IN (SELECT id FROM export_job
              WHERE transfer_id = ? AND kind = 'MEMBER' AND patient_sha256 <> ?)""",
            matched.transfer(),
            patient);
    if (member.delivers()) {
      member.steps().listDeliveriesAnew();
      member.wakeDeliveries();
    }
    if (database.update(
            """
                UPDATE export_job SET shared_job = ?, group_id = ?, patient_sha256 = ?,
                  updated_at = CURRENT_TIMESTAMP
                WHERE transfer_id = ? AND kind = 'MEMBER' AND state = 'REQUESTED'""",
            sharedJob,
            matched.groupId(),
            patient,
            matched.transfer())
        > 0) {
      return;
    }
    database.insert(
        "export_job (transfer_id, payer, group_id, kind, shared_job, patient_sha256, state, updated_at)",
        "(?, ?, ?, 'MEMBER', ?, ?, 'REQUESTED', CURRENT_TIMESTAMP)",
        List.<Object[]>of(
            new Object[] {member.id(), member.payer(), matched.groupId(), sharedJob, patient}));
    member.openJobs(1);
  }

  private BatchMembers members() {
    return leases.fanIn().members();
  }

  /**
   * A member that waits.
   *
   * @param requestJson the member match Parameters as registered; PHI
   * @param consentEnd the last day of the consent (UTC), or null where it has no end
   */
  public record BatchMember(String transferId, String requestJson, LocalDate consentEnd) {
    /** Leaves the request out: it is PHI. */
    @Override
    public String toString() {
      return "BatchMember[" + transferId + "]";
    }
  }
}
