package org.payerexchange.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.payerexchange.files.FileHash;

/**
 * Who a member is, as far as a payer can tell from an answer: family name, first given name and
 * birth date, hashed. Two transfers with the same key never share a batch, since its answer could
 * not tell them apart.
 */
final class MemberKey {
  private static final ObjectMapper JSON = new ObjectMapper();

  private MemberKey() {}

  /**
   * The key, 64 lower-case hexadecimal digits.
   *
   * @param requestJson FHIR Parameters as they were taken in
   */
  static String of(String requestJson) {
    JsonNode patient = patient(requestJson);
    JsonNode name = patient.path("name").path(0);
    return FileHash.sha256(
        Stream.of(name.path("family"), name.path("given").path(0), patient.path("birthDate"))
            .map(fact -> fact.asText().strip().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining("\n")));
  }

  private static JsonNode patient(String requestJson) {
    try {
      for (JsonNode parameter : JSON.readTree(requestJson).path("parameter")) {
        if (parameter.path("name").asText().equals("MemberPatient")) {
          return parameter.path("resource");
        }
      }
    } catch (JsonProcessingException notJson) {
      throw new IllegalArgumentException("the registered request is not JSON", notJson);
    }
    return JSON.missingNode();
  }
}
