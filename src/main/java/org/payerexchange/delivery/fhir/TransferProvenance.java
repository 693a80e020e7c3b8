package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.payer.Payer;

/**
 * The one Provenance of a transfer: from which payer, as of when, how many resources. The same
 * transfer has the same one whenever it is delivered.
 */
final class TransferProvenance {
  /** The extension that holds how many resources of the transfer the server has. */
  static final String COUNT_EXTENSION = "urn:payer-exchange:resource-count";

  private static final String TRANSFER = "urn:payer-exchange:transfer";

  private final TransferReport transfer;
  private final Payer payer;

  TransferProvenance(TransferReport transfer, Payer payer) {
    this.transfer = transfer;
    this.payer = payer;
  }

  /**
   * The change that puts it there.
   *
   * @param target the member's Patient, or another resource of the transfer, if the server has one
   * @param undelivered how many resources the server did not take
   */
  FhirEntry entry(Optional<String> target, long undelivered) {
    long count = received() - undelivered;
    ObjectNode provenance = JsonNodeFactory.instance.objectNode();
    String id = new StableIds(payer.id()).ofTransfer(transfer.transferId());
    provenance.put("resourceType", "Provenance").put("id", id);
    ResourceRewriter.mark(provenance, payer);
    provenance
        .putArray("extension")
        .addObject()
        .put("url", COUNT_EXTENSION)
        .put("valueDecimal", count);
    ObjectNode reference = provenance.putArray("target").addObject();
    target.ifPresentOrElse(
        url -> reference.put("reference", url), () -> identify(reference, TRANSFER, transferId()));
    asOf().ifPresent(time -> provenance.put("occurredDateTime", time));
    provenance.put("recorded", transfer.receivedAt().toString());
    ObjectNode agent = provenance.putArray("agent").addObject();
    agent
        .putObject("type")
        .putArray("coding")
        .addObject()
        .put("system", "http://hl7.org/fhir/us/core/CodeSystem/us-core-provenance-participant-type")
        .put("code", "transmitter");
    identify(agent.putObject("who"), ResourceRewriter.PAYER_SYSTEM, payer.id());
    ObjectNode entity = provenance.putArray("entity").addObject().put("role", "source");
    identify(entity.putObject("what"), TRANSFER, transferId())
        .put("display", count + " resources of payer " + payer.id());
    return FhirEntry.put("Provenance", 0, "Provenance/" + id, provenance, List.of(), 0);
  }

  private String transferId() {
    return transfer.transferId();
  }

  private static ObjectNode identify(ObjectNode reference, String system, String value) {
    reference.putObject("identifier").put("system", system).put("value", value);
    return reference;
  }

  private long received() {
    return transfer.files().stream()
        .filter(file -> file.holdsResources() && file.resources() != null)
        .mapToLong(TransferReport.ReportedFile::resources)
        .sum();
  }

  private Optional<String> asOf() {
    return transfer.transactionTimes().stream().filter(TransferProvenance::isInstant).findFirst();
  }

  private static boolean isInstant(String time) {
    try {
      OffsetDateTime.parse(time);
      return true;
    } catch (DateTimeException other) {
      return false;
    }
  }
}
