package org.payerexchange.intake;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.payerexchange.files.FileHash;

/**
 * Who a member is, as far as a payer can tell from an answer: family name, first given name and
 * birth date, hashed. Two transfers with the same key never share a batch, since its answer could
 * not tell them apart.
 */
public final class MemberKey {
  /** Who differs only beyond as many characters has the same key. */
  private static final int LONGEST = 200;

  private MemberKey() {}

  /**
   * The key, 64 lower-case hexadecimal digits.
   *
   * @param requestJson FHIR Parameters as they were taken in
   */
  public static String of(String requestJson) {
    JsonNode patient =
        JsonObjects.parse(requestJson.getBytes(UTF_8))
            .map(parameters -> parameters.path("parameter"))
            .flatMap(
                parameters ->
                    parameters
                        .valueStream()
                        .filter(each -> each.path("name").asText().equals("MemberPatient"))
                        .map(each -> each.path("resource"))
                        .findFirst())
            .orElse(MissingNode.getInstance());
    JsonNode name = patient.path("name").path(0);
    return FileHash.sha256(
        Stream.of(name.path("family"), name.path("given").path(0), patient.path("birthDate"))
            .map(fact -> fact.asText().strip())
            .map(text -> text.substring(0, Math.min(text.length(), LONGEST)))
            .map(text -> text.toLowerCase(Locale.ROOT))
            .collect(Collectors.joining("\n")));
  }
}
