package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a {@code $davinci-data-export} asks for.
 *
 * @param types empty: all
 * @param since when a resource must have changed at the earliest
 * @param until when at the latest
 * @param filters the days of service that are wanted, by type
 * @param patients their ids; empty: all of the Group
 */
record ExportParameters(
    Set<String> types,
    Optional<Instant> since,
    Optional<Instant> until,
    Map<String, List<Predicate<LocalDate>>> filters,
    Set<String> patients) {

  private static final String EXPORT_TYPE = "exportType";
  private static final String PATIENT = "patient";
  private static final String SINCE = "_since";
  private static final String UNTIL = "_until";
  private static final String TYPE = "_type";
  private static final String TYPE_FILTER = "_typeFilter";
  private static final Set<String> NAMES =
      Set.of(
          EXPORT_TYPE,
          PATIENT,
          SINCE,
          UNTIL,
          TYPE,
          TYPE_FILTER,
          KickOffForm.PARTIAL_MANIFESTS,
          KickOffForm.ASSOCIATED_DATA);
  private static final Pattern TYPE_NAME = Pattern.compile("[A-Z][A-Za-z]{1,63}");
  private static final Pattern FILTER =
      Pattern.compile("([A-Za-z]+)\\?([a-z-]+)=(ge|gt|le|lt|eq)?(\\d{4}-\\d{2}-\\d{2})");

  /** The search parameter that each type's day of service has. */
  private static final Map<String, String> DAYS =
      Map.of(
          "Encounter", "date",
          "Procedure", "date",
          "Observation", "date",
          "Immunization", "date",
          "Condition", "onset-date",
          "ExplanationOfBenefit", "service-date");

  /**
   * Reads the request.
   *
   * @throws GatewayRefusal 400 for what is not as PDex has it
   */
  static ExportParameters of(JsonNode parameters, PdexOptions options, Faults faults) {
    List<JsonNode> given = FhirOperation.elements(parameters.path("parameter")).toList();
    require(
        given.stream().allMatch(parameter -> NAMES.contains(parameter.path("name").asText())),
        "A parameter has an unknown name");
    require(
        options
            .exportType()
            .equals(
                one(given, EXPORT_TYPE, "valueCanonical")
                    .orElseThrow(() -> invalid("exportType must be there exactly once"))),
        "exportType is not supported");
    Set<String> types = types(one(given, TYPE, "valueString"), faults);
    return new ExportParameters(
        types,
        instant(one(given, SINCE, "valueInstant")),
        instant(one(given, UNTIL, "valueInstant")),
        filters(one(given, TYPE_FILTER, "valueString"), types, faults),
        patients(given, options, faults));
  }

  /** Whether a resource is asked for. */
  boolean takes(String type, Instant updated, LocalDate served) {
    return (types.isEmpty() || types.contains(type))
        && since.filter(earliest -> updated.isBefore(earliest)).isEmpty()
        && until.filter(latest -> updated.isAfter(latest)).isEmpty()
        && (!filters.containsKey(type)
            || filters.get(type).stream().anyMatch(filter -> filter.test(served)));
  }

  private static Set<String> types(Optional<String> list, Faults faults) {
    if (list.isEmpty()) {
      return faults.isDue(Fault.TYPES_NEEDED) ? Set.of("Group", "Patient", "Coverage") : Set.of();
    }
    Set<String> types = Set.of(split(list.get()).distinct().toArray(String[]::new));
    require(
        types.stream().allMatch(type -> TYPE_NAME.matcher(type).matches()),
        "_type names what is no type");
    return types;
  }

  private static Map<String, List<Predicate<LocalDate>>> filters(
      Optional<String> list, Set<String> types, Faults faults) {
    if (list.isEmpty()) {
      return Map.of();
    }
    require(!faults.isDue(Fault.FILTER_REFUSED), "_typeFilter is not supported");
    return split(list.get())
        .map(FILTER::matcher)
        .collect(
            Collectors.groupingBy(
                filter -> filtered(filter, types),
                Collectors.mapping(ExportParameters::days, Collectors.toList())));
  }

  private static String filtered(Matcher filter, Set<String> types) {
    require(filter.matches(), "_typeFilter has a filter that is not supported");
    String type = filter.group(1);
    require(types.contains(type), "_typeFilter names a type that _type does not");
    require(filter.group(2).equals(DAYS.get(type)), "_typeFilter searches by what is no day");
    return type;
  }

  private static Predicate<LocalDate> days(Matcher filter) {
    LocalDate day = day(filter.group(4));
    return switch (filter.group(3) == null ? "eq" : filter.group(3)) {
      case "ge" -> served -> !served.isBefore(day);
      case "gt" -> served -> served.isAfter(day);
      case "le" -> served -> !served.isAfter(day);
      case "lt" -> served -> served.isBefore(day);
      default -> day::equals;
    };
  }

  private static LocalDate day(String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeException e) {
      throw invalid("_typeFilter has a day that is none");
    }
  }

  private static Set<String> patients(List<JsonNode> given, PdexOptions options, Faults faults) {
    List<JsonNode> named = named(given, PATIENT);
    require(named.isEmpty() || !faults.isDue(Fault.PATIENT_REFUSED), "patient is not supported");
    require(
        named.size() < 2 || !options.patientsJoined(), "patient must be there once, with commas");
    Set<String> patients = new HashSet<>();
    for (JsonNode parameter : named) {
      String reference = parameter.path("valueReference").path("reference").asText();
      for (String one : options.patientsJoined() ? split(reference).toList() : List.of(reference)) {
        require(one.matches("Patient/[A-Za-z0-9.-]{1,64}"), "patient must refer to a Patient");
        patients.add(one.substring("Patient/".length()));
      }
    }
    return patients;
  }

  private static Optional<Instant> instant(Optional<String> text) {
    try {
      return text.map(Instant::parse);
    } catch (DateTimeException e) {
      throw invalid("_since and _until must be instants");
    }
  }

  private static Optional<String> one(List<JsonNode> given, String name, String value) {
    List<JsonNode> named = named(given, name);
    require(named.size() < 2, name + " is there more than once");
    require(
        named.stream().allMatch(parameter -> parameter.path(value).isTextual()),
        "%s must be a %s".formatted(name, value));
    return named.stream().map(parameter -> parameter.path(value).asText()).findFirst();
  }

  private static List<JsonNode> named(List<JsonNode> given, String name) {
    return given.stream()
        .filter(parameter -> name.equals(parameter.path("name").asText()))
        .toList();
  }

  private static Stream<String> split(String list) {
    return Arrays.stream(list.split(",", -1)).map(String::strip);
  }

  private static void require(boolean good, String problem) {
    if (!good) {
      throw invalid(problem);
    }
  }

  private static GatewayRefusal invalid(String problem) {
    return GatewayRefusal.outcome(400, "invalid", problem);
  }
}
