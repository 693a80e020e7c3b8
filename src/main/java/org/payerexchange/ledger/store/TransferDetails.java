package org.payerexchange.ledger.store;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.payerexchange.ledger.DeliveryState;
import org.payerexchange.ledger.FileName;
import org.payerexchange.ledger.Hold;
import org.payerexchange.ledger.JobKind;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.TransferReport.ReportedFile;
import org.payerexchange.step.FailureReason;

/**
 * A transfer with what belongs to it, without PHI.
 *
 * @param jobs the first {@link TransferPart#PAGE}, as of the other lists
 * @param totals how many each list has in all
 * @param openSinks those that have not had all of it yet
 */
public record TransferDetails(
    @JsonUnwrapped TransferSummary transfer,
    List<Job> jobs,
    List<ReportedFile> files,
    List<Delivery> deliveries,
    List<Event> events,
    List<Warned> warned,
    Map<TransferPart, Long> totals,
    @JsonIgnore Set<String> openSinks) {

  /** Copies the collections. */
  public TransferDetails {
    jobs = List.copyOf(jobs);
    files = List.copyOf(files);
    deliveries = List.copyOf(deliveries);
    events = List.copyOf(events);
    warned = List.copyOf(warned);
    totals = Collections.unmodifiableMap(totals);
    openSinks = Set.copyOf(openSinks);
  }

  /** Whether a hold is one that the transfer waits for. */
  public boolean waitsFor(Hold hold) {
    return !transfer.state().terminal()
        && (hold.kind().equals("payer")
            ? hold.name().equals(transfer.payer())
            : openSinks.contains(hold.name()));
  }

  /**
   * An export job, or the match job of a batch.
   *
   * @param group the payer's Group whose export it is; null where it is none of a Group
   * @param since from when on it asked for what is new; null where for all
   * @param transactionTime as of when it is, as the payer wrote it, or null
   * @param progress the payer's last word on it, or null
   * @param dueAt when its next step is due or its lease ends, or null where nothing is to be done
   */
  public record Job(
      long id,
      JobKind kind,
      JobState state,
      String jobId,
      String group,
      Instant since,
      String transactionTime,
      int polls,
      int restarts,
      String progress,
      Long resourceCount,
      FailureReason reason,
      String detail,
      List<String> warnings,
      int attempts,
      Instant dueAt,
      Instant startedAt,
      Instant finishedAt,
      boolean released) {
    static Job of(Row row) throws SQLException {
      return new Job(
          row.big("id"),
          row.constant(JobKind.class, "kind"),
          row.constant(JobState.class, "state"),
          row.text("job_id"),
          group(row),
          row.instant("since"),
          row.text("transaction_time"),
          row.number("polls"),
          row.number("restarts"),
          row.text("progress"),
          row.bigOrNull("resource_count"),
          row.reason(),
          row.text("detail"),
          row.warnings(),
          row.number("attempts"),
          row.instant("due_at"),
          row.instant("started_at"),
          row.instant("finished_at"),
          row.instant("released_at") != null);
    }

    /** Where a payer has no Groups, a hash of its Patient stands for one. */
    private static String group(Row row) throws SQLException {
      String group = row.text("group_id");
      return group.equals(Batches.MATCH) || group.equals(row.text("patient_sha256")) ? null : group;
    }
  }

  /**
   * A transfer for one sink.
   *
   * @param delivered files that the sink has had
   * @param files those that it is to have, as far as it is known
   * @param resources that the sink has taken
   * @param dueAt when it is due or its lease ends, or null where nothing is to be done
   */
  public record Delivery(
      long id,
      String sink,
      DeliveryState state,
      int delivered,
      int files,
      long resources,
      FailureReason reason,
      String detail,
      List<String> warnings,
      int attempts,
      Instant dueAt) {
    static Delivery of(Row row) throws SQLException {
      return new Delivery(
          row.big("id"),
          row.text("sink"),
          row.constant(DeliveryState.class, "state"),
          row.number("delivered"),
          row.number("files"),
          row.big("resources"),
          row.reason(),
          row.text("detail"),
          row.warnings(),
          row.number("attempts"),
          row.instant("due_at"));
    }
  }

  /**
   * An entry of the audit trail.
   *
   * @param number counts within the transfer, from 1
   * @param actor the node or the operator
   * @param what the event's name, such as {@code KICKOFF_STARTED}
   */
  public record Event(int number, Instant at, String actor, String what, String detail) {
    static Event of(Row row) throws SQLException {
      return new Event(
          row.number("number"),
          row.instant("at"),
          row.text("actor"),
          row.text("what"),
          row.text("detail"));
    }
  }

  /**
   * Warnings of one of the others.
   *
   * @param part the list that it is in
   * @param id as there
   * @param name the file's, or the sink's; null of a job
   */
  public record Warned(TransferPart part, long id, String name, List<String> warnings) {
    static Warned of(Row row) throws SQLException {
      TransferPart part = row.constant(TransferPart.class, "part");
      return new Warned(
          part,
          row.big("id"),
          part == TransferPart.FILES
              ? FileName.of(row.text("resource_type"), row.number("number"))
              : row.text("sink"),
          row.warnings());
    }
  }
}
