package org.payerexchange.intake;

import ca.uhn.fhir.context.FhirContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.LocalDate;
import java.time.Period;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.payerexchange.dialect.FieldProblem;
import org.payerexchange.intake.IntakeProblem.Reason;
import org.payerexchange.ledger.Repeat;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.ConsentDays;

/** The check of one record. */
final class RecordCheck {
  private static final Set<String> GENDERS = Set.of("male", "female", "other", "unknown");

  private final RawRecord raw;
  private final IntakeSource source;
  private final Payers payers;
  private final String defaultPayer;
  private final Map<String, IdentifierSystems> systems;
  private final LocalDate today;
  private final Parsed parsed;
  private final Problems problems = new Problems();

  RecordCheck(
      RawRecord raw,
      IntakeSource source,
      Payers payers,
      String defaultPayer,
      Map<String, IdentifierSystems> systems,
      FhirContext fhir,
      Clock clock) {
    this.raw = raw;
    this.source = source;
    this.payers = payers;
    this.defaultPayer = defaultPayer;
    this.systems = systems;
    this.today = ConsentDays.today(clock);
    this.parsed =
        raw.form() == RecordForm.PARAMETERS
            ? ParametersForm.parse(raw.content())
            : raw.form() == RecordForm.CONSENT
                ? new Parsed(raw.content(), Map.of(), List.of())
                : FlatForm.parse(raw.form(), raw.content());
    parsed.problems().forEach(problems::add);
    if (raw.form() == RecordForm.PARAMETERS && !problems.name("Parameters")) {
      new FhirElements(fhir, problems).check(parsed.parameters());
    }
  }

  CheckedRecord result() {
    Optional<String> payer = payer();
    String own = parsed.value(IntakeField.REQUEST_ID);
    String requestId = own == null && raw.number() == 1 ? source.requestId() : own;
    Optional.ofNullable(requestId).ifPresent(id -> bounded(IntakeField.REQUEST_ID, id));
    return isWithdrawal() ? withdrawal(payer, requestId) : request(payer, requestId);
  }

  private boolean isWithdrawal() {
    String withdraw = parsed.value(IntakeField.WITHDRAW);
    boolean says = withdraw != null && raw.form() != RecordForm.CONSENT;
    if (says && !withdraw.equalsIgnoreCase("true") && !withdraw.equalsIgnoreCase("false")) {
      problem(Reason.INVALID, IntakeField.WITHDRAW, "is neither true nor false");
    }
    return raw.form() == RecordForm.CONSENT || (says && !withdraw.equalsIgnoreCase("false"));
  }

  private CheckedRecord withdrawal(Optional<String> payer, String requestId) {
    Set<String> ids;
    if (raw.form() == RecordForm.CONSENT) {
      String status = raw.content().path("status").asText();
      if (!status.equals("inactive") && !status.equals("rejected")) {
        problem(
            Reason.INVALID,
            "Consent.status",
            "is neither inactive nor rejected: a Consent alone withdraws");
      }
      ids = MemberIds.ofConsent(raw.content());
    } else {
      ids = MemberIds.of(parsed);
    }
    if (ids.isEmpty() && requestId == null) {
      problem(
          Reason.MISSING,
          IntakeField.REQUEST_ID,
          "is missing, and so are all ids of the member: nobody knows who withdraws");
    }
    return problems.isEmpty()
        ? new CheckedRecord(
            source, raw, null, new Withdrawal(payer.orElseThrow(), requestId, ids), List.of())
        : CheckedRecord.rejected(source, raw, problems.list());
  }

  private CheckedRecord request(Optional<String> payer, String requestId) {
    memberId();
    part("MemberPatient").ifPresent(this::patient);
    part("CoverageToMatch").ifPresent(this::coverage);
    if (raw.form() != RecordForm.PARAMETERS) {
      flatFields();
    }
    Optional<Days> consent = part("Consent").flatMap(this::consent);
    Optional<LocalDate> enrolledOn =
        Optional.ofNullable(parsed.value(IntakeField.ENROLLED_ON))
            .filter(text -> bounded(IntakeField.ENROLLED_ON, text))
            .flatMap(text -> day(IntakeField.ENROLLED_ON, text));
    Optional<Repeat> repeat = repeat(consent);
    if (problems.isEmpty()) {
      payer.flatMap(payers::find).ifPresent(this::askable);
    }
    if (!problems.isEmpty()) {
      return CheckedRecord.rejected(source, raw, problems.list());
    }
    CanonicalRecord record =
        record(
            payer.orElseThrow(),
            requestId,
            consent.orElseThrow(),
            enrolledOn.orElse(null),
            repeat.orElse(null));
    return new CheckedRecord(source, raw, record, null, List.of());
  }

  private CanonicalRecord record(
      String payer, String requestId, Days consent, LocalDate enrolledOn, Repeat repeat) {
    byte[] said = JsonObjects.bytes(parsed.parameters());
    boolean asItIs = raw.form() == RecordForm.PARAMETERS;
    ObjectNode request = asItIs ? parsed.parameters() : identified(payer);
    return new CanonicalRecord(
        payer,
        requestId,
        consent.first(),
        consent.last(),
        policy(),
        enrolledOn,
        MemberIds.of(request),
        repeat,
        asItIs ? new String(said, StandardCharsets.UTF_8) : JsonObjects.write(request),
        CanonicalRecord.sha256(payer, enrolledOn, repeat, said));
  }

  private String policy() {
    return part("Consent").stream()
        .flatMap(consent -> each(consent.path("policy"), "uri").stream())
        .map(JsonNode::asText)
        .sorted()
        .collect(Collectors.joining(" "));
  }

  /** The days on which something holds. */
  private record Days(LocalDate first, LocalDate last) {}

  /** How often it is asked again, and as long as the consent at most. */
  private Optional<Repeat> repeat(Optional<Days> consent) {
    String every = parsed.value(IntakeField.REPEAT_EVERY);
    String until = parsed.value(IntakeField.REPEAT_UNTIL);
    Optional<Period> period = Optional.ofNullable(every).flatMap(this::period);
    Optional<LocalDate> last =
        Optional.ofNullable(until).flatMap(text -> day(IntakeField.REPEAT_UNTIL, text));
    last.filter(day -> day.isBefore(today))
        .ifPresent(day -> problem(Reason.INVALID, IntakeField.REPEAT_UNTIL, "is over"));
    if (every == null && until != null) {
      problem(Reason.MISSING, IntakeField.REPEAT_EVERY, "is missing beside repeatUntil");
    }
    return period.flatMap(
        each ->
            consent.map(
                days ->
                    new Repeat(
                        each, last.filter(day -> day.isBefore(days.last())).orElse(days.last()))));
  }

  private Optional<Period> period(String text) {
    Optional<Period> period = Repeat.period(text);
    if (period.isEmpty()) {
      problem(
          Reason.INVALID,
          IntakeField.REPEAT_EVERY,
          "is not a period of ISO 8601 between a day and ten years, such as P90D");
    }
    return period;
  }

  /** A flat record as the request that it is made. */
  private ObjectNode identified(String payer) {
    ObjectNode request = parsed.parameters().deepCopy();
    FlatForm.identify(request, systems.getOrDefault(payer, IdentifierSystems.NONE));
    return request;
  }

  /** What the payer's dialect has to tell of a member, such as a gender, is not made up later. */
  private void askable(Payer payer) {
    JsonNode request =
        raw.form() == RecordForm.PARAMETERS ? parsed.parameters() : identified(payer.id());
    payer.dialect().problems(request).forEach(this::lacking);
  }

  private void lacking(FieldProblem lacking) {
    boolean missing = lacking.why().contains("is missing");
    Optional<IntakeField> flat =
        raw.form() == RecordForm.PARAMETERS
            ? Optional.empty()
            : IntakeField.ofPath(lacking.field());
    problem(
        missing ? Reason.MISSING : Reason.INVALID,
        flat.map(IntakeField::flatName).orElse(lacking.field()),
        flat.isPresent() && missing ? "is missing" : lacking.why());
  }

  private Optional<String> payer() {
    String own = parsed.value(IntakeField.PAYER);
    if (own != null && source.payer() != null && !own.equals(source.payer())) {
      problem(
          Reason.PAYER_DISAGREES,
          IntakeField.PAYER,
          "is not the payer of the folder or message that the record came in" + formOfIds(own));
      return Optional.empty();
    }
    String named = own != null ? own : source.payer() != null ? source.payer() : defaultPayer;
    if (named == null) {
      problem(Reason.MISSING, IntakeField.PAYER, "is missing, and there is no default payer");
    } else if (payers.find(named).isEmpty()) {
      problem(
          Reason.UNKNOWN_PAYER, IntakeField.PAYER, "is not a configured payer" + formOfIds(named));
    }
    return Optional.ofNullable(named);
  }

  /** What a payer is called by people may have capitals and blanks. */
  private static String formOfIds(String named) {
    return Payer.ID.matcher(named).matches()
        ? ""
        : "; payer ids are made of lower-case letters, digits and dashes";
  }

  private void memberId() {
    JsonNode id = parsed.parameters().path("id");
    if (!id.isMissingNode() || raw.form() != RecordForm.PARAMETERS) {
      required(IntakeField.MEMBER_ID, List.of(id));
    }
  }

  private void patient(JsonNode patient) {
    required(IntakeField.FAMILY, each(patient.path("name"), "family"));
    required(IntakeField.GIVEN, each(patient.path("name"), "given"));
    required(IntakeField.BIRTH_DATE, List.of(patient.path("birthDate")))
        .flatMap(text -> day(IntakeField.BIRTH_DATE, text))
        .filter(date -> date.isAfter(today))
        .ifPresent(date -> problem(Reason.INVALID, IntakeField.BIRTH_DATE, "is in the future"));
    JsonNode gender = patient.path("gender");
    if (!gender.isMissingNode() && !GENDERS.contains(gender.asText())) {
      problem(Reason.INVALID, IntakeField.GENDER, "is none of male, female, other, unknown");
    }
  }

  /** A month or a year is not made a day: members are matched by it, and times counted from it. */
  private Optional<LocalDate> day(IntakeField field, String text) {
    Optional<LocalDate> day =
        text.length() == FhirDate.DAY ? FhirDate.of(text).map(FhirDate::first) : Optional.empty();
    if (day.isEmpty()) {
      problem(Reason.INVALID, field, "is not a date of the calendar, written YYYY-MM-DD");
    }
    return day;
  }

  private void coverage(JsonNode coverage) {
    List<JsonNode> ids = each(coverage.path("identifier"), "value");
    ids.add(coverage.path("subscriberId"));
    required(IntakeField.COVERAGE_ID, ids);
  }

  /** What only flat records have a name for. */
  private void flatFields() {
    JsonNode patient = part("MemberPatient").orElseThrow();
    JsonNode coverage = part("CoverageToMatch").orElseThrow();
    uri(IntakeField.MEMBER_ID_SYSTEM, patient.path("identifier").path(0).path("system"));
    uri(IntakeField.COVERAGE_SYSTEM, coverage.path("identifier").path(0).path("system"));
    part("CoverageToLink")
        .ifPresent(
            link -> {
              given(IntakeField.LINK_COVERAGE_ID, link.path("identifier").path(0).path("value"));
              given(IntakeField.LINK_MEMBER_ID, link.path("subscriberId"));
            });
  }

  private void given(IntakeField field, JsonNode node) {
    if (!isBlank(node)) {
      text(field, node);
    }
  }

  private void uri(IntakeField field, JsonNode node) {
    given(field, node);
    if (!isBlank(node) && FhirPrimitive.problem("uri", node).isPresent()) {
      problem(Reason.INVALID, field, "is not a URI");
    }
  }

  private Optional<Days> consent(JsonNode consent) {
    if (raw.form() == RecordForm.PARAMETERS) {
      equal("Consent.status", consent.path("status"), "active");
      equal("Consent.provision.type", consent.path("provision").path("type"), "permit");
    }
    if (raw.form() != RecordForm.PARAMETERS || consent.has("id")) {
      required(IntakeField.CONSENT_ID, List.of(consent.path("id")));
    }
    required(IntakeField.CONSENT_POLICY, each(consent.path("policy"), "uri"));
    JsonNode period = consent.path("provision").path("period");
    Optional<LocalDate> start =
        date(IntakeField.CONSENT_START, period.path("start")).map(FhirDate::first);
    Optional<LocalDate> end = date(IntakeField.CONSENT_END, period.path("end")).map(FhirDate::last);
    if (start.isPresent() && end.isPresent()) {
      inForce(start.get(), end.get());
    }
    return start.flatMap(first -> end.map(last -> new Days(first, last)));
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
  private Optional<String> required(IntakeField field, List<JsonNode> places) {
    String first = null;
    boolean good = true;
    for (JsonNode node : places) {
      if (!isBlank(node)) {
        good &= text(field, node);
        first = first == null ? node.asText() : first;
      }
    }
    if (first == null) {
      problem(Reason.MISSING, field, "is missing");
    }
    return good ? Optional.ofNullable(first) : Optional.empty();
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
      problem(Reason.TOO_LONG, field, "is longer than %s characters".formatted(field.maxLength()));
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        problem(Reason.INVALID, field, "holds a control character");
        return false;
      }
    }
    if (FhirPrimitive.hasHalfACharacter(text)) {
      problem(Reason.INVALID, field, "holds half a character");
      return false;
    }
    return true;
  }

  private Optional<FhirDate> date(IntakeField field, JsonNode node) {
    return required(field, List.of(node))
        .flatMap(
            text -> {
              Optional<FhirDate> date = FhirDate.of(text);
              if (date.isEmpty()) {
                problem(Reason.INVALID, field, FhirPrimitive.NO_DATE_TIME);
              }
              return date;
            });
  }

  private void equal(String field, JsonNode node, String expected) {
    if (isBlank(node)) {
      problem(Reason.MISSING, field, "is missing");
    } else if (!node.asText().equals(expected)) {
      problem(Reason.NO_CONSENT, field, "is not " + expected);
    }
  }

  private Optional<JsonNode> part(String name) {
    for (JsonNode parameter : parsed.parameters().path("parameter")) {
      JsonNode resource = parameter.path("resource");
      if (resource.isObject() && parameter.path("name").asText().equals(name)) {
        return Optional.of(resource);
      }
    }
    return Optional.empty();
  }

  private static boolean isBlank(JsonNode node) {
    return node.isMissingNode() || node.isNull() || (node.isTextual() && node.asText().isBlank());
  }

  /** What the items of a list hold under the name, be it one value or a list of them. */
  private static List<JsonNode> each(JsonNode list, String name) {
    List<JsonNode> found = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      JsonNode value = list.path(i).path(name);
      if (value.isArray()) {
        value.forEach(found::add);
      } else {
        found.add(value);
      }
    }
    return found;
  }

  private void problem(Reason reason, IntakeField field, String why) {
    problem(reason, field.in(raw.form()), why);
  }

  /** A problem of a field that is not FHIR's is that alone. */
  private void problem(Reason reason, String field, String why) {
    if (!problems.name(field)) {
      problems.add(reason, field, why);
    }
  }
}
