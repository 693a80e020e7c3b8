package org.payerexchange.ledger;

import java.time.Instant;
import java.util.List;
import org.payerexchange.payer.FailureReason;

/** A transfer with all that belongs to it, without PHI. */
public record TransferDetails(
    TransferSummary transfer,
    List<Job> jobs,
    List<File> files,
    List<Delivery> deliveries,
    List<Event> events) {

  /** Copies the lists. */
  public TransferDetails {
    jobs = List.copyOf(jobs);
    files = List.copyOf(files);
    deliveries = List.copyOf(deliveries);
    events = List.copyOf(events);
  }

  /**
   * An export job.
   *
   * @param progress the payer's last word on it, or null
   * @param dueAt when its next step is due or its lease ends, or null where nothing is to be done
   */
  public record Job(
      long id,
      JobState state,
      String jobId,
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
      boolean released) {}

  /**
   * An output file.
   *
   * @param dueAt when its download is due or its lease ends, or null where nothing is to be done
   */
  public record File(
      long id,
      long jobId,
      String name,
      FileKind kind,
      String resourceType,
      int number,
      FileState state,
      Long expectedCount,
      Long resources,
      Long bytes,
      String sha256,
      FailureReason reason,
      String detail,
      List<String> warnings,
      int attempts,
      Instant dueAt) {}

  /**
   * One file for one sink.
   *
   * @param position resources that the sink has taken
   * @param dueAt when it is due or its lease ends, or null where nothing is to be done
   */
  public record Delivery(
      long id,
      long fileId,
      String sink,
      DeliveryState state,
      long position,
      FailureReason reason,
      String detail,
      List<String> warnings,
      int attempts,
      Instant dueAt) {}

  /**
   * An entry of the audit trail.
   *
   * @param number counts within the transfer, from 1
   * @param actor the node or the operator
   * @param what the event's name, such as {@code KICKOFF_STARTED}
   */
  public record Event(int number, Instant at, String actor, String what, String detail) {}
}
