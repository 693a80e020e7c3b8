package org.payerexchange.ledger;

import java.time.Instant;
import org.payerexchange.step.Claim;
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
    long leaseToken,
    int attempts,
    Instant failingSince,
    String sink,
    boolean whole,
    long place,
    long position)
    implements Claim {

  @Override
  public Stage stage() {
    return Stage.DELIVER;
  }

  @Override
  public Object rowId() {
    return id;
  }

  /** The column that orders the files for this sink. */
  String order() {
    return whole ? "whole_turn" : "turn";
  }
}
