package org.payerexchange.ledger.store;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.DeliveryState;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FileState;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.StoredFile;

/** Deliveries: the stored files of each transfer to each sink beside the outbox. */
public final class DeliveryLedger {
  private final Leases leases;
  private final LedgerDatabase database;

  /** Works on the claims of one node. */
  public DeliveryLedger(Leases leases) {
    this.leases = leases;
    this.database = leases.database();
  }

  /** A condition on a column, with a value for each of these sinks. */
  static String notAmong(String column, List<String> sinks) {
    return sinks.isEmpty()
        ? ""
        : "AND %s NOT IN (%s) ".formatted(column, LedgerDatabase.values(sinks.size()));
  }

  /**
   * The files that the sink is to have now, in their order, at most {@code max}: none behind one
   * that is still to come, and none before the Patients of an export of one member have come.
   */
  public List<StoredFile> files(DeliveryClaim claim, int max) {
    if (isTooEarly(claim)) {
      return List.of();
    }
    return next(claim, claim.place(), max)
        .takeWhile(next -> next.state() == FileState.STORED)
        .map(Next::file)
        .toList();
  }

  private Stream<Next> next(DeliveryClaim claim, long place, int max) {
    return database
        .jdbc()
        .sql(
            """
            SELECT file.*, file.%1$s AS its_turn FROM output_file file
            JOIN export_job job ON job.id = file.job_id
            WHERE file.transfer_id = ? AND file.%1$s >= ? AND %2$s
            ORDER BY file.%1$s LIMIT ?"""
                .formatted(claim.order(), LockedTransfer.IS_OR_COMES))
        .params(claim.transferId(), place, max)
        .query(
            (results, at) -> {
              Row row = new Row(results);
              return new Next(row.constant(FileState.class, "state"), file(claim, row));
            })
        .list()
        .stream();
  }

  private static StoredFile file(DeliveryClaim claim, Row row) throws SQLException {
    long turn = row.big("its_turn");
    return new StoredFile(
        claim.transferId(),
        turn,
        turn == claim.place() ? claim.position() : 0,
        row.number("content"),
        row.text("resource_type"),
        row.number("number"),
        row.constant(FileKind.class, "kind"),
        row.big("resources"),
        row.big("bytes"),
        row.text("sha256"),
        row.text("stamp"));
  }

  /**
   * Has files downloaded again that are missing in the outbox, or have another content. The
   * delivery goes on once the sink may have the next.
   *
   * @param files their numbers
   */
  public boolean fetchAgain(DeliveryClaim claim, List<Integer> files) {
    boolean parked =
        leases.transition(
            claim,
            transfer -> {
              if (!leases.update(claim).parked().run(transfer)) {
                return false;
              }
              leases.fanIn().filesMissing(transfer, files);
              transfer.wakeDeliveries();
              return true;
            });
    leases.someAreDue();
    return parked;
  }

  /** Whether the sink has had something of the transfer. */
  public boolean hasBegun(DeliveryClaim claim) {
    return database.finds(
        "SELECT 1 FROM delivery WHERE id = ? AND (place > 0 OR position > 0)", claim.id());
  }

  /**
   * Has the sink get all of the transfer's files once more.
   *
   * @return false if the row is another node's by now
   */
  public boolean beginAgain(DeliveryClaim claim) {
    boolean due =
        leases.transition(
            claim,
            transfer ->
                leases
                    .update(claim)
                    .due(Duration.ZERO)
                    .keepFailures()
                    .set("place", 0)
                    .set("position", 0)
                    .run(transfer));
    leases.someAreDue();
    return due;
  }

  /**
   * Records how many resources of a file the sink has taken, and prolongs the lease. Where these
   * are more than before, earlier failures count no more.
   */
  public boolean position(DeliveryClaim claim, StoredFile file, long resourcesSent) {
    return goOn(claim, file.turn(), resourcesSent, resourcesSent > file.position());
  }

  /** Records that the sink has taken the whole file, and prolongs the lease. */
  public boolean taken(DeliveryClaim claim, StoredFile file) {
    return goOn(claim, file.turn() + 1, 0, true);
  }

  private boolean goOn(DeliveryClaim claim, long place, long position, boolean further) {
    ClaimedUpdate update =
        leases
            .update(claim)
            .keepLeased(leases.duration())
            .set("place", place)
            .set("position", position);
    return (further ? update.forgetFailures() : update).runAlone();
  }

  /** Whether the sink has had all of the transfer's files. */
  public boolean hasAll(DeliveryClaim claim) {
    return rest(claim, known(claim).place()) == Rest.NONE;
  }

  /**
   * Ends a claim. The delivery is due again where there is more for the sink, which lets others
   * have their turn; it waits for files that are still to come; else it is done.
   *
   * @return whether an export job ended with it; empty if the row is another node's by now
   */
  public Optional<Boolean> end(DeliveryClaim claim) {
    return end(claim, null);
  }

  /** The same, where each warning tells of something that is missing. */
  public Optional<Boolean> end(DeliveryClaim claim, List<String> warnings) {
    return end(claim, warnings, 0);
  }

  /**
   * The same.
   *
   * @param warnings what a sink that sums up took with reservations, in words for the operator,
   *     without PHI; they replace what it said before. Null if it has not summed up, without which
   *     one that takes a transfer whole is not done
   * @param remarks how many of the warnings tell of nothing that is missing
   */
  public Optional<Boolean> end(DeliveryClaim claim, List<String> warnings, int remarks) {
    AtomicReference<Boolean> end = new AtomicReference<>();
    leases.ends(
        claim,
        transfer -> {
          Known known = known(claim);
          Rest rest = rest(claim, known.place());
          boolean done = rest == Rest.NONE && (!claim.whole() || warnings != null);
          if (!update(claim, rest, done, warnings).run(transfer)) {
            return false;
          }
          if (done) {
            remark(claim, known.remarks(), remarks);
            transfer.warn((warnings == null ? 0 : warnings.size()) - known.warnings());
            transfer.tell(listener -> listener.deliveryEnded(claim.sink(), DeliveryState.DONE));
            transfer.event(EventType.DELIVERY_DONE, claim.sink());
            leases.fanIn().deliveryEnded(transfer);
          }
          end.set(transfer.hasEndedJob());
          return true;
        });
    return Optional.ofNullable(end.get());
  }

  private ClaimedUpdate update(
      DeliveryClaim claim, Rest rest, boolean done, List<String> warnings) {
    ClaimedUpdate update = leases.update(claim);
    if (!done) {
      return rest == Rest.LATER ? update.parked() : update.due(Duration.ZERO).keepFailures();
    }
    return update
        .move(DeliveryState.PENDING, DeliveryState.DONE)
        .atRest()
        .set(
            "warnings", warnings == null || warnings.isEmpty() ? null : String.join("\n", warnings))
        .well();
  }

  private void remark(DeliveryClaim claim, int before, int now) {
    if (before > 0) {
      database.update("DELETE FROM delivery_remarks WHERE delivery_id = ?", claim.id());
    }
    if (now > 0) {
      database.update(
          """
          INSERT INTO delivery_remarks (delivery_id, ended_at, remarks)
          SELECT id, updated_at, ? FROM delivery WHERE id = ?""",
          now,
          claim.id());
    }
  }

  /** What a sink is still to have. */
  private enum Rest {
    NOW,
    LATER,
    NONE
  }

  private Rest rest(DeliveryClaim claim, long place) {
    if (isTooEarly(claim)) {
      return Rest.LATER;
    }
    boolean now = next(claim, place, 1).anyMatch(next -> next.state() == FileState.STORED);
    return now ? Rest.NOW : filesToCome(claim) ? Rest.LATER : Rest.NONE;
  }

  private boolean isTooEarly(DeliveryClaim claim) {
    return claim.whole() ? filesToCome(claim) : toCome(claim, LockedTransfer.PATIENTS_TO_COME);
  }

  private boolean filesToCome(DeliveryClaim claim) {
    return toCome(claim, LockedTransfer.FILES_TO_COME);
  }

  private boolean toCome(DeliveryClaim claim, String jobs) {
    return database.finds(jobs.formatted("?") + " LIMIT 1", claim.transferId());
  }

  /** Where the sink is now, and how many warnings and remarks it gave when it was last done. */
  private Known known(DeliveryClaim claim) {
    return database
        .jdbc()
        .sql(
            """
            SELECT place, warnings, COALESCE(remarks, 0) AS remarks FROM delivery
            LEFT JOIN delivery_remarks ON delivery_id = id WHERE id = ?""")
        .param(claim.id())
        .query(
            (results, at) -> {
              Row row = new Row(results);
              return new Known(row.big("place"), row.warnings().size(), row.number("remarks"));
            })
        .optional()
        .orElse(new Known(0, 0, 0));
  }

  private record Known(long place, int warnings, int remarks) {}

  private record Next(FileState state, StoredFile file) {}
}
