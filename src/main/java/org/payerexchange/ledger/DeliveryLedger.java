package org.payerexchange.ledger;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.payerexchange.step.Stage;

/** Deliveries: each stored file to each sink beside the outbox. */
public final class DeliveryLedger {
  private static final ClaimQuery<DeliveryClaim> FOR_DELIVERY =
      new ClaimQuery<>(
          ", file.resource_type, file.number, file.kind, file.resources, file.bytes, file.sha256, file.stamp",
          "JOIN output_file file ON file.id = claimed.file_id",
          row ->
              new DeliveryClaim(
                  row.big("id"),
                  row.big("file_id"),
                  row.text("transfer_id"),
                  row.text("payer"),
                  row.big("next_token"),
                  row.number("attempts"),
                  row.ofGate("failing_since"),
                  row.text("sink"),
                  row.big("position"),
                  row.number("content"),
                  row.text("resource_type"),
                  row.number("number"),
                  row.constant(FileKind.class, "kind"),
                  row.big("resources"),
                  row.big("bytes"),
                  row.text("sha256"),
                  row.text("stamp")));

  private static final String OF_SINK = "AND delivery.sink = ? ";
  private static final String NOT_HELD =
      """
      AND NOT EXISTS (SELECT 1 FROM sink_gate gate
        WHERE gate.sink = delivery.sink AND (gate.held_until > CURRENT_TIMESTAMP OR %s))"""
          .formatted(TokenHolds.HELD);
  private static final String ITS_TURN =
      """
      AND NOT EXISTS (SELECT 1 FROM delivery earlier
        WHERE earlier.transfer_id = delivery.transfer_id AND earlier.sink = delivery.sink
        AND earlier.state = 'PENDING' AND earlier.turn < delivery.turn)""";
  private static final String EARLIER_FILES_ARE_FETCHED =
      """
      AND NOT EXISTS (SELECT 1 FROM output_file missing
        JOIN export_job job ON job.id = missing.job_id
        WHERE missing.transfer_id = delivery.transfer_id AND missing.state = 'PENDING'
        AND missing.number < delivery.turn AND job.state IN ('REQUESTED', 'RUNNING', 'READY'))""";
  private static final String ALL_FILES_ARE_FETCHED =
      """
      AND NOT EXISTS (SELECT 1 FROM output_file missing
        JOIN export_job job ON job.id = missing.job_id
        WHERE missing.transfer_id = delivery.transfer_id AND missing.state = 'PENDING'
        AND job.state = 'READY')
      AND NOT EXISTS (SELECT 1 FROM export_job job
        WHERE job.transfer_id = delivery.transfer_id AND job.state IN ('REQUESTED', 'RUNNING'))""";

  private final Leases leases;

  /** Works on the claims of one node. */
  public DeliveryLedger(Leases leases) {
    this.leases = leases;
  }

  /** Claims pending deliveries, at most {@code max}. */
  public List<DeliveryClaim> claimForDelivery(int max) {
    return leases.claim(Stage.DELIVER, max, FOR_DELIVERY);
  }

  /**
   * Claims pending deliveries to one sink, at most {@code max}: of each transfer the one whose turn
   * it is, none while the sink is held.
   */
  public List<DeliveryClaim> claimForSink(String sink, int max) {
    return claim(sink, max, OF_SINK + NOT_HELD + ITS_TURN + EARLIER_FILES_ARE_FETCHED);
  }

  /**
   * The same, of transfers only whose files have all been fetched, so that the turns may be in
   * another order than the files' numbers.
   */
  public List<DeliveryClaim> claimForSinkOnceFetched(String sink, int max) {
    return claim(sink, max, OF_SINK + NOT_HELD + ITS_TURN + ALL_FILES_ARE_FETCHED);
  }

  private List<DeliveryClaim> claim(String sink, int max, String condition) {
    return leases.claim(Stage.DELIVER, max, FOR_DELIVERY.only(condition, List.of(sink)));
  }

  /** Whether the sink has ended all the transfer's other files, well or not. */
  public boolean isLast(DeliveryClaim claim) {
    return leases
        .database()
        .jdbc()
        .sql(
            """
            SELECT 1 FROM delivery WHERE transfer_id = ? AND sink = ? AND state = 'PENDING'
              AND id <> ? LIMIT 1""")
        .params(claim.transferId(), claim.sink(), claim.id())
        .query(Integer.class)
        .optional()
        .isEmpty();
  }

  /**
   * Claims pending deliveries to the rest, at most {@code max}: what no node has tried for a time
   * although its turn has come.
   *
   * @param others sinks that are claimed for by themselves
   * @param time how long nodes that know a sink have for its deliveries
   */
  public List<DeliveryClaim> claimForRest(List<String> others, Duration time, int max) {
    String which = notAmong(others) + "AND due_at < " + LedgerDatabase.FROM_NOW + " ";
    List<Object> values = new ArrayList<>(others);
    values.add(LedgerDatabase.seconds(time.negated()));
    return leases.claim(
        Stage.DELIVER,
        max,
        FOR_DELIVERY.only(which + NOT_HELD + ITS_TURN + ALL_FILES_ARE_FETCHED, values));
  }

  /**
   * Has files downloaded again that are missing in the outbox, or have another content. Without its
   * own file the delivery waits for that; without another it is due once the sink may have it.
   *
   * @param files their numbers
   */
  public boolean fetchAgain(DeliveryClaim claim, List<Integer> files) {
    return leases.transition(
        claim,
        transfer -> {
          ClaimedUpdate update = leases.update(claim);
          boolean own = files.contains(claim.number());
          if (!(own ? update.parked() : update.due(Duration.ZERO).keepFailures()).run()) {
            return false;
          }
          files.forEach(file -> leases.fanIn().fileMissing(transfer, file));
          return true;
        });
  }

  /** A condition on the sink of a delivery, with a value for each of these. */
  static String notAmong(List<String> sinks) {
    return sinks.isEmpty()
        ? ""
        : "AND sink NOT IN (%s) "
            .formatted(String.join(", ", Collections.nCopies(sinks.size(), "?")));
  }

  /**
   * Records how many resources the sink has taken, and prolongs the lease. Where these are more
   * than before, earlier failures count no more.
   */
  public boolean position(DeliveryClaim claim, long resourcesSent) {
    ClaimedUpdate update =
        leases.update(claim).keepLeased(leases.duration()).set("position", resourcesSent);
    return (resourcesSent > claim.position() ? update.forgetFailures() : update).runAlone();
  }

  /**
   * Records that the sink has taken the whole file; the last one ends the job.
   *
   * @return whether it did; empty if the row is another node's by now
   */
  public Optional<Boolean> done(DeliveryClaim claim) {
    return done(claim, List.of(), false);
  }

  /**
   * The same, for a sink that took all of the transfer by now, with reservations.
   *
   * @param warnings in words for the operator, without PHI; they replace what the sink said before
   */
  public Optional<Boolean> doneLast(DeliveryClaim claim, List<String> warnings) {
    return done(claim, warnings, true);
  }

  private Optional<Boolean> done(DeliveryClaim claim, List<String> warnings, boolean last) {
    AtomicReference<Boolean> end = new AtomicReference<>();
    leases.transition(
        claim,
        transfer -> {
          int before = last ? warnings(claim) : 0;
          if (!leases
              .update(claim)
              .move(DeliveryState.PENDING, DeliveryState.DONE)
              .atRest()
              .set("position", claim.resources())
              .well()
              .run()) {
            return false;
          }
          if (last) {
            keepWarnings(claim, warnings);
          }
          transfer.warn(warnings.size() - before);
          transfer.event(EventType.DELIVERY_DONE, claim.name() + " to " + claim.sink());
          leases.fanIn().deliveryEnded(transfer, claim.fileId());
          end.set(transfer.hasEndedJob());
          return true;
        });
    return Optional.ofNullable(end.get());
  }

  private void keepWarnings(DeliveryClaim claim, List<String> warnings) {
    leases
        .database()
        .jdbc()
        .sql(
            """
            UPDATE delivery SET warnings = CASE WHEN id = ? THEN CAST(? AS VARCHAR) END
            WHERE transfer_id = ? AND sink = ? AND (id = ? OR warnings IS NOT NULL)""")
        .params(
            claim.id(),
            warnings.isEmpty() ? null : String.join("\n", warnings),
            claim.transferId(),
            claim.sink(),
            claim.id())
        .update();
  }

  private int warnings(DeliveryClaim claim) {
    return leases
        .database()
        .jdbc()
        .sql("SELECT warnings FROM delivery WHERE transfer_id = ? AND sink = ?")
        .params(claim.transferId(), claim.sink())
        .query((row, at) -> new Row(row).warnings().size())
        .list()
        .stream()
        .mapToInt(Integer::intValue)
        .sum();
  }
}
