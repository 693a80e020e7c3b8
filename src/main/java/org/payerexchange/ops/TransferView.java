package org.payerexchange.ops;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.payerexchange.ledger.TransferDetails;

/**
 * A transfer with its jobs, files, deliveries and audit trail.
 *
 * @param request what the payer's member match is asked: PHI, null unless it was asked for
 */
public record TransferView(
    @JsonUnwrapped TransferLine transfer,
    List<TransferDetails.Job> jobs,
    List<TransferDetails.File> files,
    List<TransferDetails.Delivery> deliveries,
    List<TransferDetails.Event> events,
    JsonNode request) {

  /** The same with the request, which is PHI. */
  TransferView with(JsonNode itsRequest) {
    return new TransferView(transfer, jobs, files, deliveries, events, itsRequest);
  }

  static TransferView of(TransferDetails details) {
    return new TransferView(
        TransferLine.of(details.transfer()),
        details.jobs(),
        details.files(),
        details.deliveries(),
        details.events(),
        null);
  }
}
