package org.payerexchange.intake;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.payerexchange.intake.IntakeProblem.Reason;
import org.payerexchange.payer.Payers;

/** The check of one record. */
final class RecordCheck {
  private static final Set<String> GENDERS = Set.of("male", "female", "other", "unknown");
  private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");

  private final RawRecord raw;
  private final IntakeSource source;
  private final Payers payers;
  private final String defaultPayer;
  private final LocalDate today;
  private final Parsed parsed;
  private final List<IntakeProblem> problems = new ArrayList<>();

  RecordCheck(RawRecord raw, IntakeSource source, Payers payers, String defaultPayer, Clock clock) {
    this.raw = raw;
    this.source = source;
    this.payers = payers;
    this.defaultPayer = defaultPayer;
    this.today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    this.parsed =
        raw.form() == RecordForm.PARAMETERS
            ? ParametersForm.parse(raw.content())
            : FlatForm.parse(raw.form(), raw.content());
    problems.addAll(parsed.problems());
  }

  CheckedRecord result() {
    Optional<String> payer = payer();
    String requestId =
        parsed.requestId() == null && raw.number() == 1 ? source.requestId() : parsed.requestId();
    Optional.ofNullable(requestId).ifPresent(id -> bounded(IntakeField.REQUEST_ID, id));
    memberId();
    part("MemberPatient").ifPresent(this::patient);
    part("CoverageToMatch").ifPresent(this::coverage);
    Optional<LocalDate> consentEnd = part("Consent").flatMap(this::consent);
    if (problems.isEmpty()) {
      return new CheckedRecord(
          source,
          raw,
          CanonicalRecord.of(
              payer.orElseThrow(), requestId, consentEnd.orElseThrow(), parsed.parameters()),
          List.of());
    }
    return new CheckedRecord(source, raw, null, List.copyOf(problems));
  }

  private Optional<String> payer() {
    String own = parsed.payer();
    if (own != null && source.payer() != null && !own.equals(source.payer())) {
      problem(
          Reason.PAYER_DISAGREES,
          IntakeField.PAYER,
          "is not the payer of the folder or message that the record came in");
      return Optional.empty();
    }
    String named = own != null ? own : source.payer() != null ? source.payer() : defaultPayer;
    if (named == null) {
      problem(Reason.MISSING, IntakeField.PAYER, "is missing, and there is no default payer");
    } else if (payers.find(named).isEmpty()) {
      problem(Reason.UNKNOWN_PAYER, IntakeField.PAYER, "is not a configured payer");
    }
    return Optional.ofNullable(named);
  }

  private void memberId() {
    JsonNode id = parsed.parameters().path("id");
    if (!id.isMissingNode() || raw.form() != RecordForm.PARAMETERS) {
      required(IntakeField.MEMBER_ID, Stream.of(id));
    }
  }

  private void patient(JsonNode patient) {
    List<JsonNode> names = list(patient.path("name"));
    required(IntakeField.FAMILY, names.stream().map(name -> name.path("family")));
    required(IntakeField.GIVEN, names.stream().flatMap(name -> list(name.path("given")).stream()));
    required(IntakeField.BIRTH_DATE, Stream.of(patient.path("birthDate")))
        .flatMap(text -> date(IntakeField.BIRTH_DATE, text))
        .filter(date -> date.isAfter(today))
        .ifPresent(date -> problem(Reason.INVALID, IntakeField.BIRTH_DATE, "is in the future"));
    JsonNode gender = patient.path("gender");
    if (!gender.isMissingNode() && !GENDERS.contains(gender.asText())) {
      problem(Reason.INVALID, IntakeField.GENDER, "is none of male, female, other, unknown");
    }
  }

  private void coverage(JsonNode coverage) {
    required(
        IntakeField.COVERAGE_ID,
        Stream.concat(
            list(coverage.path("identifier")).stream().map(id -> id.path("value")),
            Stream.of(coverage.path("subscriberId"))));
  }

  private Optional<LocalDate> consent(JsonNode consent) {
    if (raw.form() == RecordForm.PARAMETERS) {
      equal("Consent.status", consent.path("status"), "active");
      equal("Consent.provision.type", consent.at("/provision/type"), "permit");
    }
    if (raw.form() != RecordForm.PARAMETERS || consent.has("id")) {
      required(IntakeField.CONSENT_ID, Stream.of(consent.path("id")));
    }
    required(
        IntakeField.CONSENT_POLICY,
        list(consent.path("policy")).stream().map(policy -> policy.path("uri")));
    JsonNode period = consent.at("/provision/period");
    Optional<LocalDate> start = day(IntakeField.CONSENT_START, period.path("start"));
    Optional<LocalDate> end = day(IntakeField.CONSENT_END, period.path("end"));
    if (start.isPresent() && end.isPresent()) {
      inForce(start.get(), end.get());
    }
    return end;
  }

  private void inForce(LocalDate start, LocalDate end) {
    if (start.isAfter(end)) {
      problem(Reason.INVALID, IntakeField.CONSENT_END, "is before the consent's first day");
    } else if (end.isBefore(today)) {
      problem(Reason.NO_CONSENT, IntakeField.CONSENT_END, "is over");
    } else if (start.isAfter(today)) {
      problem(Reason.NO_CONSENT, IntakeField.CONSENT_START, "is still to come");
    }
  }

  /** The first value that is given, checked for its form; a problem if there is none. */
  private Optional<String> required(IntakeField field, Stream<JsonNode> places) {
    List<JsonNode> given = places.filter(node -> !isBlank(node)).toList();
    if (given.isEmpty()) {
      problem(Reason.MISSING, field, "is missing");
      return Optional.empty();
    }
    boolean good = true;
    for (JsonNode node : given) {
      good &= text(field, node);
    }
    return good ? Optional.of(given.get(0).asText()) : Optional.empty();
  }

  private boolean text(IntakeField field, JsonNode node) {
    if (!node.isTextual()) {
      problem(Reason.INVALID, field, "is not text");
      return false;
    }
    return bounded(field, node.asText());
  }

  private boolean bounded(IntakeField field, String text) {
    if (text.length() > field.maxLength()) {
      problem(Reason.TOO_LONG, field, "is longer than %d characters".formatted(field.maxLength()));
      return false;
    }
    if (text.chars().anyMatch(Character::isISOControl)) {
      problem(Reason.INVALID, field, "holds a control character");
      return false;
    }
    return true;
  }

  /** A day given as a FHIR date, or as a dateTime with its offset. */
  private Optional<LocalDate> day(IntakeField field, JsonNode node) {
    return required(field, Stream.of(node)).flatMap(text -> date(field, text));
  }

  private Optional<LocalDate> date(IntakeField field, String text) {
    try {
      if (DATE.matcher(text).matches()) {
        return Optional.of(LocalDate.parse(text));
      }
      if (field != IntakeField.BIRTH_DATE && raw.form() == RecordForm.PARAMETERS) {
        return Optional.of(
            OffsetDateTime.parse(text).atZoneSameInstant(ZoneOffset.UTC).toLocalDate());
      }
    } catch (DateTimeException e) {
      // falls through: the text is not repeated, it may be PHI
    }
    problem(Reason.INVALID, field, "is not a date of the calendar, written YYYY-MM-DD");
    return Optional.empty();
  }

  private void equal(String field, JsonNode node, String expected) {
    if (isBlank(node)) {
      problems.add(new IntakeProblem(Reason.MISSING, field, "is missing"));
    } else if (!node.asText().equals(expected)) {
      problems.add(new IntakeProblem(Reason.NO_CONSENT, field, "is not " + expected));
    }
  }

  private Optional<JsonNode> part(String name) {
    return list(parsed.parameters().path("parameter")).stream()
        .filter(parameter -> parameter.path("name").asText().equals(name))
        .map(parameter -> parameter.path("resource"))
        .filter(JsonNode::isObject)
        .findFirst();
  }

  private static boolean isBlank(JsonNode node) {
    return node.isMissingNode() || node.isNull() || (node.isTextual() && node.asText().isBlank());
  }

  private static List<JsonNode> list(JsonNode node) {
    return node.isArray() ? StreamSupport.stream(node.spliterator(), false).toList() : List.of();
  }

  private void problem(Reason reason, IntakeField field, String why) {
    problems.add(new IntakeProblem(reason, field.in(raw.form()), why));
  }
}
