package org.payerexchange.ops;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.payerexchange.ledger.Hold;
import org.payerexchange.ledger.TransferDetails;

/**
 * A transfer with the first {@link org.payerexchange.ledger.TransferPart#PAGE} each of its jobs,
 * files, deliveries and events.
 *
 * @param totals how many there are of each in all
 * @param held what the transfer waits for; empty once it has ended
 * @param request what the payer's member match is asked: PHI, null unless it was asked for
 */
public record TransferView(
    @JsonUnwrapped TransferLine transfer,
    List<TransferDetails.Job> jobs,
    List<TransferDetails.File> files,
    List<TransferDetails.Delivery> deliveries,
    List<TransferDetails.Event> events,
    Map<String, Long> totals,
    List<HeldLine> held,
    JsonNode request) {

  /** The same with the request, which is PHI. */
  TransferView with(JsonNode itsRequest) {
    return new TransferView(transfer, jobs, files, deliveries, events, totals, held, itsRequest);
  }

  static TransferView of(TransferDetails details, List<Hold> holds) {
    Map<String, Long> totals = new TreeMap<>();
    details.totals().forEach((part, total) -> totals.put(PartPage.name(part), total));
    return new TransferView(
        TransferLine.of(details.transfer()),
        details.jobs(),
        details.files(),
        details.deliveries(),
        details.events(),
        totals,
        holds.stream().filter(hold -> delays(hold, details)).map(HeldLine::of).toList(),
        null);
  }

  private static boolean delays(Hold hold, TransferDetails details) {
    return !details.transfer().state().terminal()
        && switch (hold.kind()) {
          case "payer" -> hold.name().equals(details.transfer().payer());
          default -> details.openSinks().contains(hold.name());
        };
  }
}
