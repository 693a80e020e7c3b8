package org.payerexchange.export;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a payer's exports are limited to (FHIR Bulk Data Access 2, "Query Parameters").
 *
 * @param incremental whether an export asks only for what changed since the last one of the same
 *     group that was delivered ({@code _since})
 * @param types resource types, separated by commas ({@code _type}); empty: all
 * @param typeFilter searches, as the standard writes them ({@code _typeFilter}); empty: none
 */
public record ExportScope(boolean incremental, String types, String typeFilter) {
  /** All of it, every time. */
  public static final ExportScope EVERYTHING = new ExportScope(false, "", "");

  /**
   * Checks the types.
   *
   * @throws IllegalArgumentException if one is no plain resource type name
   */
  public ExportScope {
    types = types.replaceAll("\\s", "");
    typeFilter = typeFilter.strip();
    if (!types.matches("([A-Z][A-Za-z]{1,63}(,[A-Z][A-Za-z]{1,63})*)?")) {
      throw new IllegalArgumentException("must be resource types separated by commas");
    }
  }

  /**
   * The query of a kick-off, from its question mark; empty if nothing is limited.
   *
   * @param since from when on to ask; empty for all
   */
  String query(Optional<Instant> since) {
    Map<String, String> parameters = new LinkedHashMap<>();
    since.ifPresent(time -> parameters.put("_since", time.toString()));
    parameters.put("_type", types);
    parameters.put("_typeFilter", typeFilter);
    return parameters.entrySet().stream()
        .filter(parameter -> !parameter.getValue().isEmpty())
        .map(parameter -> parameter.getKey() + "=" + encoded(parameter.getValue()))
        .collect(
            Collectors.collectingAndThen(
                Collectors.joining("&"), query -> query.isEmpty() ? "" : "?" + query));
  }

  /** Types and filter as one text, the other way round of {@link #isWithin}. */
  String text() {
    return types + " " + typeFilter;
  }

  /**
   * Whether an export with another scope had all that this one asks for. Filters are not compared
   * but for being the same.
   *
   * @param text the other's {@link #text()}
   */
  boolean isWithin(String text) {
    String[] other = text.split(" ", 2);
    boolean sameTypes =
        other[0].isEmpty()
            || (!types.isEmpty()
                && Set.of(other[0].split(",")).containsAll(List.of(types.split(","))));
    return sameTypes && (other[1].isEmpty() || other[1].equals(typeFilter));
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
