package org.payerexchange.dialect;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ValueNode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a payer's exports are asked for, beside what they are limited to (FHIR Bulk Data Access 2 and
 * 3, "Bulk Data Kick-off Request").
 *
 * @param kickoff the HTTP method, for a payer whose dialect leaves the choice
 * @param lenient whether the payer may leave out what it does not know ({@code handling=lenient})
 * @param associatedData what comes along with the data ({@code includeAssociatedData}), separated
 *     by commas; empty: as the payer likes
 * @param until resources that were changed later are left out ({@code _until}); null: none are
 * @param partialManifests whether the payer may show files that are ready before all are ({@code
 *     allowPartialManifests})
 */
public record ExportForm(
    Kickoff kickoff,
    boolean lenient,
    String associatedData,
    Instant until,
    boolean partialManifests) {
  /** As little as the standard demands. */
  public static final ExportForm PLAIN = new ExportForm(Kickoff.GET, false, "", null, false);

  /** How a request says what is wanted. */
  public enum Kickoff {
    /** In its query. */
    GET,
    /** In Parameters. */
    POST
  }

  /**
   * Checks the associated data.
   *
   * @throws IllegalArgumentException if it is no list of codes
   */
  public ExportForm {
    associatedData = associatedData.replaceAll("\\s", "");
    if (!associatedData.matches("([A-Za-z_]{1,64}(,[A-Za-z_]{1,64})*)?")) {
      throw new IllegalArgumentException(
          "must be codes separated by commas such as LatestProvenanceResources");
    }
  }

  /** The value of {@code Prefer}. */
  String prefer() {
    return lenient ? "respond-async, handling=lenient" : "respond-async";
  }

  /** What it adds to a request, by the names of the standard. */
  Map<String, ValueNode> parameters() {
    JsonNodeFactory json = JsonNodeFactory.instance;
    Map<String, ValueNode> parameters = new LinkedHashMap<>();
    if (until != null) {
      parameters.put("_until", json.textNode(until.toString()));
    }
    if (!associatedData.isEmpty()) {
      parameters.put("includeAssociatedData", json.textNode(associatedData));
    }
    if (partialManifests) {
      parameters.put("allowPartialManifests", json.booleanNode(true));
    }
    return parameters;
  }
}
