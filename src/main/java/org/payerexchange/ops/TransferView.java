package org.payerexchange.ops;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import org.payerexchange.ledger.TransferDetails;

/** A transfer with its jobs, files, deliveries and audit trail. */
public record TransferView(
    @JsonUnwrapped TransferLine transfer,
    List<TransferDetails.Job> jobs,
    List<TransferDetails.File> files,
    List<TransferDetails.Delivery> deliveries,
    List<TransferDetails.Event> events) {

  static TransferView of(TransferDetails details) {
    return new TransferView(
        TransferLine.of(details.transfer()),
        details.jobs(),
        details.files(),
        details.deliveries(),
        details.events());
  }
}
