package org.payerexchange.ledger.store;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.Failure;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.JobKind;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.PatientHash;
import org.payerexchange.ledger.Registration;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;

/** Transfers from their registration to the answer of {@code $member-match}. */
public final class TransferLedger {
  private final Leases leases;
  private final Registrations registrations;
  private final Recurrences recurrences;
  private final Clock clock;

  /**
   * Works on the claims of one node.
   *
   * @param duplicateWindow how long the same record without a request id is the same transfer
   * @param memberKey tells from a registered request who its member is: two transfers of one member
   *     never share a batch
   * @param clock by which requests repeat
   */
  public TransferLedger(
      Leases leases, Duration duplicateWindow, UnaryOperator<String> memberKey, Clock clock) {
    this.leases = leases;
    this.clock = clock;
    this.recurrences = new Recurrences(leases.database());
    this.registrations =
        new Registrations(
            leases.database(), leases.node(), duplicateWindow, leases.gathered(), memberKey, clock);
  }

  /**
   * Registers intake records in one transaction.
   *
   * @return what became of each, in the same order
   */
  public List<Registration> register(List<IntakeEntry> entries) {
    return registrations.register(entries);
  }

  /**
   * Registers a transfer for each request that is due once more, by the node's clock; those that
   * another node looks at are left to it.
   *
   * @return what came of it
   */
  public List<Repeated> repeat() {
    List<Repeated> all = new ArrayList<>();
    List<Repeated> some;
    do {
      some = leases.database().change(() -> repeatSome(clock.instant()));
      all.addAll(some);
    } while (some.size() == recurrences.batch());
    return all.stream().filter(each -> each.transferId() != null).toList();
  }

  /**
   * A request that was due.
   *
   * @param transferId the new transfer; null where it is not asked now
   */
  public record Repeated(String transferId, String payer) {}

  private List<Repeated> repeatSome(Instant now) {
    List<Recurrences.Again> due = recurrences.due(now);
    Iterator<String> asked =
        registrations.again(due.stream().filter(each -> each.plan().asks()).toList()).iterator();
    List<Repeated> all =
        due.stream()
            .map(
                each ->
                    new Repeated(each.plan().asks() ? asked.next() : null, each.request().payer()))
            .toList();
    recurrences.went(due, all.stream().map(Repeated::transferId).toList(), now);
    return all;
  }

  /**
   * What was sent to match the member, as it was taken in: PHI.
   *
   * @return empty where it is not kept any more
   */
  public Optional<String> request(String transferId) {
    return leases
        .database()
        .jdbc()
        .sql("SELECT request_json FROM transfer_request WHERE transfer_id = ?")
        .param(transferId)
        .query(String.class)
        .optional();
  }

  /**
   * Records the match: one export job for each different group id, due at once.
   *
   * @throws IllegalArgumentException if there is no group id
   */
  public boolean matched(TransferClaim claim, List<String> groupIds) {
    List<String> groups = groupIds.stream().distinct().toList();
    if (groups.isEmpty()) {
      throw new IllegalArgumentException("a match without a group id");
    }
    return matched(
        claim,
        groups.size(),
        transfer -> {
          leases
              .database()
              .insert(
                  "export_job (transfer_id, payer, group_id, state, updated_at)",
                  "(?, ?, ?, ?, CURRENT_TIMESTAMP)",
                  groups.stream()
                      .map(
                          group ->
                              new Object[] {
                                claim.transferId(), claim.payer(), group, JobState.REQUESTED.name()
                              })
                      .toList());
          transfer.steps().addKickoffs(groups.size());
        });
  }

  /**
   * Records the match of one of the payer's Patients: one job, due at once.
   *
   * @param patientId the payer's; PHI
   * @param byPages whether the data is read page by page, or else by an export
   */
  public boolean matchedPatient(TransferClaim claim, String patientId, boolean byPages) {
    return matched(
        claim,
        1,
        transfer -> {
          transfer.isPatient(patientId);
          String patient = PatientHash.of(patientId);
          leases
              .database()
              .insert(
                  "export_job (transfer_id, payer, group_id, patient_sha256, kind, state, updated_at)",
                  "(?, ?, ?, ?, ?, 'REQUESTED', CURRENT_TIMESTAMP)",
                  List.<Object[]>of(
                      new Object[] {
                        claim.transferId(),
                        claim.payer(),
                        // tells exports of one member apart from others', as a group would
                        patient,
                        patient,
                        (byPages ? JobKind.PAGES : JobKind.EXPORT).name()
                      }));
          if (byPages) {
            transfer.steps().addRetrieval();
          } else {
            transfer.steps().addKickoffs(1);
          }
        });
  }

  private boolean matched(TransferClaim claim, int jobs, Consumer<LockedTransfer> addJobs) {
    return leases.ends(
        claim,
        transfer -> {
          if (!leases.update(claim).atRest().run(transfer)) {
            return false;
          }
          transfer.asked(claim.askedAt());
          transfer.goOn(TransferState.MATCHED);
          addJobs.accept(transfer);
          transfer.openJobs(jobs);
          transfer.event(EventType.MATCHED, jobs + " to export");
          return true;
        });
  }

  /**
   * Ends the transfer: the payer has nothing that it would let this member's new payer have.
   *
   * @param reason NO_MATCH, AMBIGUOUS_MATCH or CONSENT_CONSTRAINED
   * @param detail the payer's answer in words, without PHI
   */
  public boolean noMatch(TransferClaim claim, FailureReason reason, String detail) {
    return leases.ends(
        claim,
        transfer -> {
          boolean ended = leases.update(claim).atRest().run(transfer);
          if (ended) {
            transfer.asked(claim.askedAt());
            transfer.end(TransferState.NO_MATCH, new Failure(reason, detail));
          }
          return ended;
        });
  }
}
