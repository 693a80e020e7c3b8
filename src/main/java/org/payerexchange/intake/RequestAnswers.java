package org.payerexchange.intake;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.camel.Exchange;

/** The answer to a request whose records were read, as HTTP status and JSON. */
public final class RequestAnswers {

  /**
   * 202 if all records were taken, 207 if some were, 400 if none was; and for each record its
   * transfer, what it withdrew, or the issues of a FHIR R4 OperationOutcome: {@code {"accepted":
   * [{"record", "id", "requestId"}], "rejected": [{"record", "issue"}]}}.
   */
  public String answer(IntakeResult result, Exchange exchange) {
    int status = result.rejected() == 0 ? 202 : result.accepted() > 0 ? 207 : 400;
    exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, status);
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
    ObjectNode answer = JsonObjects.create();
    ArrayNode accepted = answer.putArray("accepted");
    for (BatchResult.Accepted each : result.taken()) {
      ObjectNode record = accepted.addObject().put("record", each.record());
      if (each.withdrawn() == null) {
        record.put("id", each.id());
      } else {
        record
            .putObject("withdrawn")
            .put("transfers", each.withdrawn().transfers())
            .put("recurrences", each.withdrawn().recurrences());
      }
      if (each.requestId() != null) {
        record.put("requestId", each.requestId());
      }
    }
    ArrayNode rejected = answer.putArray("rejected");
    for (Rejection each : result.rejections()) {
      each.addIssues(rejected.addObject().put("record", each.number()).putArray("issue"));
    }
    return JsonObjects.write(answer);
  }
}
