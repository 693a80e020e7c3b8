package org.payerexchange.dialect;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.ValueNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What one export is limited to (FHIR Bulk Data Access 2, "Query Parameters"), and how it is asked
 * for.
 *
 * @param since from when on to ask ({@code _since}), null for all
 * @param types resource types, separated by commas ({@code _type}); empty: all
 * @param typeFilter searches, as the standard writes them ({@code _typeFilter}); empty: none
 * @param form how the payer is asked
 */
public record ExportLimits(Instant since, String types, String typeFilter, ExportForm form) {
  /** All of it. */
  public static final ExportLimits NONE = new ExportLimits(null, "", "");

  private static final Set<String> INSTANTS = Set.of("_since", "_until");
  private static final String FHIR = "application/fhir+json";

  /** Of a payer that wants nothing special. */
  public ExportLimits(Instant since, String types, String typeFilter) {
    this(since, types, typeFilter, ExportForm.PLAIN);
  }

  /** The same without searches. */
  public ExportLimits withoutFilter() {
    return new ExportLimits(since, types, "", form);
  }

  /**
   * Of a request that starts a job of its own: some servers answer equal requests with one job,
   * which ends for both when one releases it.
   */
  public Map<String, String> headers() {
    return Map.of("Accept", FHIR, "Prefer", form.prefer(), "Cache-Control", "no-cache");
  }

  /**
   * The request that starts an export, by GET or POST as the payer wants it.
   *
   * @param path below the base URL, without a query
   */
  public GatewayRequest kickoff(String path) {
    if (form.kickoff() == ExportForm.Kickoff.GET) {
      return new GatewayRequest("GET", path + query(), headers(), null, null);
    }
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("resourceType", "Parameters");
    if (!parameters().isEmpty()) {
      addTo(body.putArray("parameter"));
    }
    return new GatewayRequest("POST", path, headers(), body.toString(), FHIR);
  }

  /** Adds all that is said here to the list of a {@code Parameters}. */
  public void addTo(ArrayNode list) {
    parameters().forEach((name, value) -> add(list, name, value));
  }

  /** Adds what is said of the form alone. */
  public void addFormTo(ArrayNode list) {
    form.parameters().forEach((name, value) -> add(list, name, value));
  }

  private static void add(ArrayNode list, String name, ValueNode value) {
    String kind = value.isBoolean() ? "Boolean" : INSTANTS.contains(name) ? "Instant" : "String";
    list.addObject().put("name", name).set("value" + kind, value);
  }

  private Map<String, ValueNode> parameters() {
    Map<String, ValueNode> parameters = new LinkedHashMap<>();
    text(parameters, "_since", since == null ? "" : since.toString());
    text(parameters, "_type", types);
    text(parameters, "_typeFilter", typeFilter);
    parameters.putAll(form.parameters());
    return parameters;
  }

  private static void text(Map<String, ValueNode> parameters, String name, String value) {
    if (!value.isEmpty()) {
      parameters.put(name, JsonNodeFactory.instance.textNode(value));
    }
  }

  private String query() {
    String query =
        parameters().entrySet().stream()
            .map(parameter -> parameter.getKey() + "=" + encoded(parameter.getValue().asText()))
            .collect(Collectors.joining("&"));
    return query.isEmpty() ? "" : "?" + query;
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
