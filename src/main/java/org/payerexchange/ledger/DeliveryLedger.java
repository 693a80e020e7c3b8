package org.payerexchange.ledger;

import java.util.Collections;
import java.util.List;

/** Deliveries: each staged file to each sink. */
public final class DeliveryLedger {
  private static final ClaimQuery<DeliveryClaim> FOR_DELIVERY =
      new ClaimQuery<>(
          ", file.resource_type, file.number, file.kind, file.resources, file.bytes, file.sha256",
          "JOIN output_file file ON file.id = claimed.file_id",
          row ->
              new DeliveryClaim(
                  row.big("id"),
                  row.big("file_id"),
                  row.text("transfer_id"),
                  row.text("payer"),
                  row.big("next_token"),
                  row.number("attempts"),
                  row.instant("failing_since"),
                  row.text("sink"),
                  row.big("position"),
                  row.text("resource_type"),
                  row.number("number"),
                  row.constant(FileKind.class, "kind"),
                  row.big("resources"),
                  row.big("bytes"),
                  row.text("sha256")));

  private final Leases leases;

  /** Works on the claims of one node. */
  public DeliveryLedger(Leases leases) {
    this.leases = leases;
  }

  /** Claims pending deliveries, at most {@code max}. */
  public List<DeliveryClaim> claimForDelivery(int max) {
    return leases.claim(Stage.DELIVER, max, FOR_DELIVERY);
  }

  /** Claims pending deliveries to one sink, at most {@code max}. */
  public List<DeliveryClaim> claimForSink(String sink, int max) {
    return leases.claim(Stage.DELIVER, max, FOR_DELIVERY.only("AND sink = ?", List.of(sink)));
  }

  /** Claims pending deliveries to any but these sinks, at most {@code max}. */
  public List<DeliveryClaim> claimForOtherSinks(List<String> sinks, int max) {
    if (sinks.isEmpty()) {
      return claimForDelivery(max);
    }
    String places = String.join(", ", Collections.nCopies(sinks.size(), "?"));
    return leases.claim(
        Stage.DELIVER, max, FOR_DELIVERY.only("AND sink NOT IN (" + places + ")", sinks));
  }

  /** Whether all sinks have the file. */
  public boolean isDelivered(long fileId) {
    return leases
        .database()
        .jdbc()
        .sql("SELECT state FROM output_file WHERE id = ?")
        .param(fileId)
        .query(String.class)
        .optional()
        .map(FileState.DELIVERED.name()::equals)
        .orElse(false);
  }

  /** Prolongs the lease of a running delivery; {@code false}: another node has it, stop. */
  public boolean renew(DeliveryClaim claim) {
    return leases.renew(claim);
  }

  /** Records how many resources the sink has taken, and prolongs the lease. */
  public boolean position(DeliveryClaim claim, long resourcesSent) {
    return leases
        .update(claim)
        .keepLeased(leases.duration())
        .set("position", resourcesSent)
        .runAlone();
  }

  /** Records that the sink has taken the whole file; the last one ends file, job and transfer. */
  public boolean done(DeliveryClaim claim) {
    return leases.transition(
        claim,
        transfer -> {
          if (!leases
              .update(claim)
              .move(DeliveryState.PENDING, DeliveryState.DONE)
              .atRest()
              .set("position", claim.resources())
              .well()
              .run()) {
            return false;
          }
          transfer.event(EventType.DELIVERY_DONE, claim.name() + " to " + claim.sink());
          leases.fanIn().deliveryEnded(transfer, claim.fileId());
          return true;
        });
  }
}
