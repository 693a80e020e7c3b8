package org.payerexchange.dialect;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What one export is limited to (FHIR Bulk Data Access 2, "Query Parameters").
 *
 * @param since from when on to ask ({@code _since}), null for all
 * @param types resource types, separated by commas ({@code _type}); empty: all
 * @param typeFilter searches, as the standard writes them ({@code _typeFilter}); empty: none
 */
public record ExportLimits(Instant since, String types, String typeFilter) {
  /** All of it. */
  public static final ExportLimits NONE = new ExportLimits(null, "", "");

  /** What is limited, by the names of the standard. */
  public Map<String, String> parameters() {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("_since", since == null ? "" : since.toString());
    parameters.put("_type", types);
    parameters.put("_typeFilter", typeFilter);
    parameters.values().removeIf(String::isEmpty);
    return parameters;
  }

  /** The query of a kick-off by GET, from its question mark; empty if nothing is limited. */
  public String query() {
    String query =
        parameters().entrySet().stream()
            .map(parameter -> parameter.getKey() + "=" + encoded(parameter.getValue()))
            .collect(Collectors.joining("&"));
    return query.isEmpty() ? "" : "?" + query;
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
