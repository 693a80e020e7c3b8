package org.payerexchange.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.stream.Stream;
import org.payerexchange.http.JsonLimits;

/** Who a request asks for, by the number that the payer has given the member: PHI. */
final class Members {
  private Members() {}

  /**
   * The MemberPatient's identifier of type {@code MB}, else its first one, else the id of the
   * request.
   *
   * @param requestJson FHIR Parameters as they were taken in
   * @return null where there is none
   */
  static String id(String requestJson) {
    JsonNode request = read(requestJson);
    JsonNode identifiers =
        items(request.path("parameter"))
            .filter(parameter -> parameter.path("name").asText().equals("MemberPatient"))
            .map(parameter -> parameter.path("resource").path("identifier"))
            .findFirst()
            .orElse(MissingNode.getInstance());
    return Stream.of(
            items(identifiers).filter(Members::isMemberNumber).map(id -> id.path("value")),
            items(identifiers).map(id -> id.path("value")),
            Stream.of(request.path("id")))
        .flatMap(values -> values)
        .filter(JsonNode::isTextual)
        .map(JsonNode::asText)
        .findFirst()
        .orElse(null);
  }

  private static boolean isMemberNumber(JsonNode identifier) {
    return items(identifier.path("type").path("coding"))
        .anyMatch(coding -> coding.path("code").asText().equals("MB"));
  }

  private static Stream<JsonNode> items(JsonNode list) {
    return list.valueStream();
  }

  private static JsonNode read(String requestJson) {
    try {
      return JsonLimits.mapper().readTree(requestJson);
    } catch (JsonProcessingException notOurs) {
      return MissingNode.getInstance();
    }
  }
}
