package org.payerexchange.export;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
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
   * @param delivered the {@code transactionTime} of the last export that was delivered, as the
   *     payer wrote it; one that is no instant asks for all
   * @param overlap how much earlier than that to begin
   */
  String query(Optional<String> delivered, Duration overlap) {
    Map<String, String> parameters = new LinkedHashMap<>();
    if (incremental) {
      delivered
          .flatMap(time -> earlier(time, overlap))
          .ifPresent(since -> parameters.put("_since", since));
    }
    parameters.put("_type", types);
    parameters.put("_typeFilter", typeFilter);
    return parameters.entrySet().stream()
        .filter(parameter -> !parameter.getValue().isEmpty())
        .map(parameter -> parameter.getKey() + "=" + encoded(parameter.getValue()))
        .collect(
            Collectors.collectingAndThen(
                Collectors.joining("&"), query -> query.isEmpty() ? "" : "?" + query));
  }

  private static Optional<String> earlier(String time, Duration overlap) {
    try {
      return Optional.of(OffsetDateTime.parse(time).minus(overlap).toInstant().toString());
    } catch (DateTimeException noInstant) {
      return Optional.empty();
    }
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
