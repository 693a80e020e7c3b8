package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

/**
 * What a payer says of a resource's version.
 *
 * @param number {@code meta.versionId}; {@value #UNKNOWN} where it is no number
 * @param updated {@code meta.lastUpdated} in microseconds since 1970; {@value #UNKNOWN} where there
 *     is none
 */
public record ResourceVersion(long number, long updated) {
  /** What a number or a time is that the payer does not tell. */
  public static final long UNKNOWN = 0;

  /** Of a resource that says nothing of it. */
  public static final ResourceVersion NONE = new ResourceVersion(UNKNOWN, UNKNOWN);

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

  /** Reads a resource's {@code meta}. */
  static ResourceVersion of(JsonNode meta) {
    return of(meta.path("versionId").asText(), meta.path("lastUpdated").asText());
  }

  /** Reads both elements; empty: there is none. */
  public static ResourceVersion of(String versionId, String lastUpdated) {
    return new ResourceVersion(number(versionId), updated(lastUpdated));
  }

  private static long number(String versionId) {
    return NUMBER.matcher(versionId).matches() ? Long.parseLong(versionId) : UNKNOWN;
  }

  private static long updated(String lastUpdated) {
    if (lastUpdated.isEmpty()) {
      return UNKNOWN;
    }
    try {
      return ChronoUnit.MICROS.between(
          Instant.EPOCH, OffsetDateTime.parse(lastUpdated).toInstant());
    } catch (DateTimeException | ArithmeticException unreadable) {
      return UNKNOWN;
    }
  }

  /** Whether another is newer: by its number, else by the time. */
  public boolean isOlderThan(ResourceVersion other) {
    if (number != UNKNOWN && other.number != UNKNOWN && number != other.number) {
      return number < other.number;
    }
    return updated != UNKNOWN && other.updated != UNKNOWN && updated < other.updated;
  }
}
