package org.payerexchange.match;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.payerexchange.intake.JsonObjects;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** The FHIR Parameters of a transfer as they were taken in: PHI. */
final class RegisteredRequest {
  private RegisteredRequest() {}

  /**
   * Reads them.
   *
   * @throws TransferException {@link FailureReason#INTERNAL} if they are no JSON object
   */
  static ObjectNode read(String json) {
    return JsonObjects.parse(json.getBytes(StandardCharsets.UTF_8))
        .orElseThrow(
            () ->
                new TransferException(
                    FailureReason.INTERNAL, "the registered request is not a JSON object"));
  }
}
