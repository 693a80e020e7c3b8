package org.payerexchange.dialect.hrex;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.payerexchange.dialect.PatientData.Way;
import org.payerexchange.dialect.member.FhirJson;

/**
 * What a CapabilityStatement says that there is for a Patient. Servers list an operation at the
 * Patient, or at the server, where its name or its definition has to say that it is a Patient's: an
 * {@code export} there is one of all that the server has.
 *
 * @param ofPatient the operations listed at the Patient
 * @param ofServer the operations listed at the server
 * @param patient whether the Patient is listed at all
 */
record Offered(List<JsonNode> ofPatient, List<JsonNode> ofServer, boolean patient) {
  private static final String PREFIX = "patient-";

  /** HAPI's server has letters in between that tell its levels: {@code Patient-it-everything}. */
  private static final Pattern DEFINITION =
      Pattern.compile("(?i).*/patient-(?:[ist]{1,3}-)?(everything|export)(?:\\|.*)?");

  static Offered of(JsonNode statement) {
    List<JsonNode> rests = FhirJson.items(statement.path("rest")).toList();
    List<JsonNode> patients =
        rests.stream()
            .flatMap(rest -> FhirJson.items(rest.path("resource")))
            .filter(resource -> FhirJson.text(resource, "type").equals("Patient"))
            .toList();
    return new Offered(operations(patients), operations(rests), !patients.isEmpty());
  }

  private static List<JsonNode> operations(List<JsonNode> owners) {
    return owners.stream().flatMap(owner -> FhirJson.items(owner.path("operation"))).toList();
  }

  /** {@code $everything} before an export; empty where the statement says nothing of a Patient. */
  Optional<Way> way() {
    if (has("everything")) {
      return Optional.of(Way.EVERYTHING);
    }
    if (has("export")) {
      return Optional.of(Way.EXPORT);
    }
    return patient ? Optional.of(Way.SEARCH) : Optional.empty();
  }

  private boolean has(String operation) {
    return ofPatient.stream().anyMatch(each -> name(each).equals(operation))
        || Stream.concat(ofPatient.stream(), ofServer.stream())
            .anyMatch(each -> name(each).equals(PREFIX + operation) || defines(each, operation));
  }

  private static String name(JsonNode operation) {
    return FhirJson.text(operation, "name").replace("$", "");
  }

  private static boolean defines(JsonNode operation, String what) {
    Matcher definition = DEFINITION.matcher(FhirJson.text(operation, "definition"));
    return definition.matches() && definition.group(1).equalsIgnoreCase(what);
  }
}
