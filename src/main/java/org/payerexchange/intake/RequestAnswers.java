package org.payerexchange.intake;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.apache.camel.Body;
import org.apache.camel.Exchange;

/** The answer to a request whose records were taken in, as HTTP status, content type and JSON. */
public final class RequestAnswers {
  private static final IntakeResult NO_RECORD = new IntakeResult(0, 0, 0, List.of(), List.of());

  /**
   * 202 and the transfers, or 400 and a FHIR OperationOutcome if a record was rejected or there was
   * none.
   *
   * @param body an {@link IntakeResult}, or anything else where the request held no record
   */
  public String answer(@Body Object body, Exchange exchange) {
    IntakeResult result = body instanceof IntakeResult given ? given : NO_RECORD;
    boolean taken = result.rejected() == 0 && result.accepted() > 0;
    exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, taken ? 202 : 400);
    exchange
        .getMessage()
        .setHeader(Exchange.CONTENT_TYPE, taken ? "application/json" : "application/fhir+json");
    return taken ? accepted(result) : result.outcome();
  }

  private static String accepted(IntakeResult result) {
    ObjectNode answer = JsonObjects.create();
    answer.put("accepted", result.accepted()).put("duplicates", result.duplicates());
    ArrayNode transfers = answer.putArray("transfers");
    result.transferIds().forEach(id -> transfers.addObject().put("id", id));
    return JsonObjects.write(answer);
  }
}
