package org.payerexchange.ledger;

import java.sql.SQLException;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Lease;
import org.payerexchange.step.Stage;

/**
 * The files of a transfer, claimed for their delivery to one sink.
 *
 * @param sink the sink's configured name or endpoint URI
 * @param whole whether it begins once all files are there
 * @param place the turn of the file in hand
 * @param position resources of that file which this sink has taken already
 */
public record DeliveryClaim(
    long id,
    String transferId,
    String payer,
    Lease lease,
    String sink,
    boolean whole,
    long place,
    long position)
    implements Claim {
  /** Of a row of the claim. */
  public static DeliveryClaim of(Row row) throws SQLException {
    return new DeliveryClaim(
        row.big("id"),
        row.text("transfer_id"),
        row.text("payer"),
        row.lease(),
        row.text("sink"),
        row.flagOrNull("whole"),
        row.big("place"),
        row.big("position"));
  }

  @Override
  public Stage stage() {
    return Stage.DELIVER;
  }

  /** A transfer has one for each sink. */
  @Override
  public String inWords() {
    return stage() + " to " + sink;
  }

  @Override
  public String lane() {
    return sink;
  }

  @Override
  public Object rowId() {
    return id;
  }

  /** The column that orders the files for this sink. */
  public String order() {
    return whole ? "whole_turn" : "turn";
  }
}
