package org.payerexchange.match;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.BulkMatch.Member;
import org.payerexchange.dialect.BulkMatch.Reading;
import org.payerexchange.dialect.member.Parties;
import org.payerexchange.dialect.pdex.PatientJoin;
import org.payerexchange.dialect.pdex.Pdex;
import org.payerexchange.export.ExportManifest;
import org.payerexchange.export.ExportPoll;
import org.payerexchange.export.ExportScopes;
import org.payerexchange.export.PollSchedule;
import org.payerexchange.export.StatusAnswer;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.http.PayerRequest;
import org.payerexchange.intake.MemberKey;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.PatientBound;
import org.payerexchange.ledger.Registration;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.ledger.store.BatchLedger;
import org.payerexchange.ledger.store.Claims;
import org.payerexchange.ledger.store.ExportJobLedger;
import org.payerexchange.ledger.store.Leases;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.ledger.store.LedgerWatch;
import org.payerexchange.ledger.store.TransferLedger;
import org.payerexchange.ledger.store.TransferQueries;
import org.payerexchange.ledger.store.TransferSummary;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.Capacity;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.payerexchange.support.PlainPayer;
import org.payerexchange.support.PlainRecord;
import org.payerexchange.support.SettableClock;

/** A batch's decisions, on a ledger and without a payer. */
class BatchMatchTest {
  private static final Instant NOW = Instant.parse("2031-03-31T12:00:00Z");
  private static final LocalDate LAST_DAY = LocalDate.of(2031, 3, 31);
  private static final String BASE = "http://localhost/fhir";
  private static final String SYSTEM =
      "http://hl7.org/fhir/us/davinci-pdex/CodeSystem/PdexMultiMemberMatchResultCS";
  private static final String PARAMETERS =
      "http://hl7.org/fhir/us/davinci-pdex/StructureDefinition/base-ext-match-parameters";

  @TempDir Path folder;
  private final SettableClock clock = new SettableClock(NOW);
  private LedgerDatabase database;
  private TransferLedger transfers;
  private ExportJobLedger jobs;
  private BatchLedger ledger;
  private TransferQueries queries;
  private Claims claims;
  private BatchMatch match;

  @BeforeEach
  void open() {
    Payers payers = new Payers(List.of(heron()));
    database = LedgerDatabase.open("jdbc:h2:file:" + folder.resolve("ledger"), "user", "", 2);
    Leases leases =
        new Leases(
            database,
            new LedgerWatch(database, Clock.systemUTC()),
            payers,
            "node",
            new Leases.Limits(Duration.ofMinutes(5), Duration.ofHours(24), Duration.ofHours(24)),
            Capacity.none());
    claims = new Claims(leases);
    transfers = new TransferLedger(leases, Duration.ofDays(30), MemberKey::of, clock);
    jobs = new ExportJobLedger(leases, new PatientBound(1_000_000));
    ledger = new BatchLedger(leases);
    queries = new TransferQueries(database);
    ExportScopes scopes = new ExportScopes(Map.of(), jobs, Duration.ZERO);
    match =
        new BatchMatch(
            payers,
            ledger,
            scopes,
            new ExportPoll(
                payers,
                scopes,
                new PollSchedule(
                    clock, Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofDays(1)),
                100,
                clock),
            clock);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void whoseConsentHasEndedAndWhoLacksSomethingFailAlone() {
    ObjectNode lacking = record(3);
    ((ObjectNode) lacking.at("/parameter/0/resource")).remove("gender");
    List<String> ids =
        register(
            entry(record(1), LAST_DAY),
            entry(record(2), LAST_DAY.minusDays(1)),
            entry(lacking, null));
    ExportJobClaim batch = batch();

    List<Member> members = match.members(batch);

    assertThat(members).extracting(Member::transfer).containsExactly(ids.get(0));
    assertThat(match.isAnybody(members)).isTrue();
    assertThat(summary(ids.get(0)).state()).isEqualTo(TransferState.RECEIVED);
    assertThat(summary(ids.get(1)).reason()).isEqualTo(FailureReason.CONSENT_EXPIRED);
    assertThat(summary(ids.get(2)).reason()).isEqualTo(FailureReason.INCOMPLETE_RECORD);
    assertThat(summary(ids.get(2)).detail())
        .isEqualTo("MemberPatient.gender is missing, and there is no extension us-core-birthsex");
  }

  @Test
  void aConsentCountsUntilItsLastMomentInUtc() {
    register(entry(record(1), LAST_DAY));
    ExportJobClaim batch = batch();
    clock.forward(Duration.ofHours(12).minusMillis(1));
    assertThat(match.members(batch)).hasSize(1);

    clock.forward(Duration.ofMillis(1));

    assertThat(match.isAnybody(match.members(batch))).isFalse();
    assertThat(ledger.nobodyWaits(batch)).isTrue();
  }

  @Test
  void theRequestIsThatOfTheDialectAndARefusalOfTheWholeIsAnAnswer() {
    register(entry(record(1), null), entry(record(2), null));
    ExportJobClaim batch = batch();

    PayerRequest request = match.request(batch, match.members(batch));

    assertThat(request.url()).hasToString(BASE + "/Group/$bulk-member-match");
    assertThat(request.streamed()).isTrue();
    assertThat(request.expected()).contains(200, 202, 400, 413, 422).doesNotContain(401, 404, 429);
  }

  @Test
  void aRequestThatIsRefusedIsHalvedUntilTheBadMemberStandsAlone() throws IOException {
    List<String> ids =
        register(entry(record(1), null), entry(record(2), null), entry(record(3), null));

    int refusals = 0;
    for (List<ExportJobClaim> due = claims.claimForBatch(10);
        !due.isEmpty();
        due = claims.claimForBatch(10)) {
      for (ExportJobClaim batch : due) {
        List<Member> members = match.members(batch);
        PayerRequest request = match.request(batch, members);
        ledger.started(batch);
        if (members.stream().map(Member::transfer).anyMatch(ids.get(1)::equals)) {
          refusals++;
          assertThat(
                  match.refused(batch, request, 422, new ByteArrayInputStream(outcome("invalid"))))
              .isTrue();
        } else {
          assertThat(jobs.running(batch, "1", BASE + "/job/1", Duration.ofHours(1))).isTrue();
        }
      }
    }

    assertThat(refusals).isEqualTo(3);
    assertThat(summary(ids.get(0)).state()).isEqualTo(TransferState.RECEIVED);
    assertThat(summary(ids.get(1)).reason()).isEqualTo(FailureReason.PAYER_REFUSED);
    assertThat(summary(ids.get(1)).detail())
        .isEqualTo("payer answered 422 (invalid) to the match of many members");
    assertThat(summary(ids.get(2)).state()).isEqualTo(TransferState.RECEIVED);
  }

  @Test
  void whereToAskIsCheckedBeforeItIsCalled() {
    register(entry(record(1), null));
    ExportJobClaim batch = batch();
    PayerRequest request = match.request(batch, match.members(batch));

    assertThat(match.jobOfHeader(batch, request, "/fhir/jobs/7").statusUrl())
        .hasToString(BASE + "/jobs/7");
    assertThat(match.jobOfBody(batch, request, null, json("{'jobId': 'a-7'}")).statusUrl())
        .hasToString(BASE + "/match/a-7");
    assertThat(match.jobOfBody(batch, request, null, json("{'jobId': 'a-7'}")).jobId())
        .isEqualTo("a-7");
    failsWith(
        FailureReason.FOREIGN_HOST,
        () -> match.jobOfHeader(batch, request, "https://evil.example/jobs/7"));
    failsWith(FailureReason.PAYER_REFUSED, () -> match.jobOfBody(batch, request, null, json("{}")));
  }

  @Test
  void theAnswerToAPollIsAStatusAManifestOrTheResultItself() throws IOException {
    ExportJobClaim poll = running(1);
    String result =
        "{'parameter': [{'name': 'MatchedMembers', 'resource': {'resourceType': 'Group'}}]}";

    clock.forward(Duration.between(clock.instant(), poll.startedAt()));
    assertThat(status(poll, 202, "{}")).isEqualTo("RUNNING");
    assertThat(status(poll, 200, "{'jobId': '7', 'status': 'IN_PROGRESS'}")).isEqualTo("RUNNING");
    assertThat(status(poll, 200, "{'output': []}")).isEqualTo("SUCCESSFUL");
    assertThat(status(poll, 200, result)).isEqualTo("RESULT");
    assertThat(status(poll, 200, "{'status': 'COMPLETED', 'output': %s}".formatted(result)))
        .isEqualTo("RESULT");
    assertThat(status(poll, 202, result)).as("not yet").isEqualTo("RUNNING");
    assertThat(status(poll, 200, "{'status': 'IN_PROGRESS', 'output': %s}".formatted(result)))
        .as("not yet")
        .isEqualTo("RUNNING");
    assertThat(status(poll, 404, "{}")).isEqualTo("GONE");
    failsWith(FailureReason.JOB_FAILED, () -> status(poll, 200, "{'status': 'FAILED'}"));
    failsWith(FailureReason.BAD_ANSWER, () -> status(poll, 200, "{}"));
    clock.forward(Duration.ofDays(2));
    assertThat(status(poll, 202, "{}")).isEqualTo("OVERDUE");
  }

  @Test
  void theFilesOfTheResultAreAskedForInTheirOrderWithoutAWishForTheirType() throws IOException {
    ExportJobClaim poll = running(1);

    List<PayerRequest> files =
        match.files(
            poll,
            manifest(
                "{'requiresAccessToken': true, 'output': [{'type': 'Parameters', 'url': 'p'}, {'type': 'Group', 'url': 'g1'}, {'type': 'Group', 'url': 'http://localhost/g2'}], 'error': [{'type': 'OperationOutcome', 'url': 'e'}]}"));

    assertThat(files)
        .extracting(file -> file.url().toString())
        .containsExactly(BASE + "/job/g1", "http://localhost/g2");
    assertThat(files)
        .allSatisfy(
            file -> {
              assertThat(file.headers()).containsOnly(Map.entry("Accept", "*/*"));
              assertThat(file.streamed()).isTrue();
              assertThat(file.token()).isTrue();
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'output': []}",
        "{'output': [{'type': 'Patient', 'url': 'p'}]}",
        "{'output': [{'url': 'p'}]}"
      })
  void aManifestWithoutTheResultIsABadAnswer(String manifest) {
    ExportJobClaim poll = running(1);

    failsWith(FailureReason.BAD_ANSWER, () -> match.files(poll, manifest(manifest)));
  }

  @Test
  void aFileElsewhereIsNotAskedFor() {
    ExportJobClaim poll = running(1);

    failsWith(
        FailureReason.FOREIGN_HOST,
        () ->
            match.files(
                poll, manifest("{'output': [{'type': 'Group', 'url': 'http://evil.example/g'}]}")));
  }

  @Test
  void whatBecameOfEachMemberIsCommittedWithTheExportsOfThoseWhoMatched() throws IOException {
    ExportJobClaim poll = running(3);
    List<Member> members = match.waiting(poll);
    JsonNode asked = JsonLimits.mapper().readTree(match.request(poll, members).body());

    Reading reading = match.reading(poll);
    match.read(reading, group("g", "match", patient(asked, 0), "Patient/a"));
    match.read(reading, group("", "nomatch", patient(asked, 1), ""));
    assertThat(match.answered(poll, members, reading)).isTrue();

    assertThat(summary(members.get(0).transfer()).state()).isEqualTo(TransferState.MATCHED);
    assertThat(summary(members.get(1).transfer()).reason()).isEqualTo(FailureReason.NO_MATCH);
    assertThat(summary(members.get(2).transfer()).state())
        .as("asked for alone")
        .isEqualTo(TransferState.RECEIVED);
    assertThat(claims.claimForKickoff(10))
        .singleElement()
        .satisfies(
            export -> {
              assertThat(export.groupId()).isEqualTo("g");
              assertThat(jobs.sharedScope(export, LAST_DAY))
                  .hasValueSatisfying(scope -> assertThat(scope.patients()).containsExactly("a"));
            });
    assertThat(match.members(batch()))
        .extracting(Member::transfer)
        .containsExactly(members.get(2).transfer());
  }

  @Test
  void whoIsLeftOfTwoIsNotTakenForTheOnlyOneThatWasAskedFor() throws IOException {
    ExportJobClaim poll = running(2);
    List<Member> members = match.waiting(poll);
    ObjectNode stranger = resource("Patient").put("id", "1");
    stranger.putArray("name").addObject().put("family", "").putArray("given");

    Reading reading = match.reading(poll);
    match.read(reading, group("g", "match", stranger, "Patient/a"));
    assertThat(match.answered(poll, members.subList(0, 1), reading)).isTrue();

    assertThat(summary(members.get(0).transfer()).state()).isEqualTo(TransferState.RECEIVED);
    assertThat(claims.claimForKickoff(10)).isEmpty();
  }

  private static JsonNode patient(JsonNode request, int member) {
    return request.at("/parameter/%d/part/0/resource".formatted(member));
  }

  private static ByteArrayInputStream group(
      String id, String code, JsonNode patient, String reference) {
    ObjectNode group = resource("Group");
    if (!id.isEmpty()) {
      group.put("id", id);
    }
    group.putObject("code").putArray("coding").addObject().put("system", SYSTEM).put("code", code);
    group.putArray("contained").add(patient);
    ObjectNode entity = group.putArray("member").addObject().putObject("entity");
    if (!reference.isEmpty()) {
      entity.put("reference", reference);
    }
    entity
        .putArray("extension")
        .addObject()
        .put("url", PARAMETERS)
        .putObject("valueReference")
        .put("reference", "#" + patient.path("id").asText());
    return new ByteArrayInputStream(group.toString().getBytes(UTF_8));
  }

  private String status(ExportJobClaim poll, int status, String body) throws IOException {
    return match.status(poll, status, null, null, answer(body));
  }

  private static ExportManifest manifest(String body) throws IOException {
    return ExportManifest.of(answer(body), pdex().report(json("{}")));
  }

  private static StatusAnswer answer(String body) throws IOException {
    return StatusAnswer.mapper(1000).readValue(body.replace('\'', '"'), StatusAnswer.class);
  }

  private static byte[] outcome(String code) {
    return "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"error\",\"code\":\"%s\"}]}"
        .formatted(code)
        .getBytes(UTF_8);
  }

  private static void failsWith(FailureReason reason, ThrowingCallable step) {
    assertThatThrownBy(step)
        .isInstanceOfSatisfying(
            TransferException.class, failure -> assertThat(failure.reason()).isEqualTo(reason));
  }

  /** A batch of so many members that the payer has at work. */
  private ExportJobClaim running(int members) {
    register(
        IntStream.rangeClosed(1, members)
            .mapToObj(number -> entry(record(number), null))
            .toArray(IntakeEntry[]::new));
    ExportJobClaim batch = batch();
    ledger.started(batch);
    jobs.running(batch, "1", BASE + "/job/1", Duration.ZERO);
    return claims.claimForMatchPoll(10).get(0);
  }

  private ExportJobClaim batch() {
    return claims.claimForBatch(10).get(0);
  }

  private List<String> register(IntakeEntry... entries) {
    return transfers.register(Arrays.asList(entries)).stream()
        .map(Registration::transferId)
        .toList();
  }

  private static IntakeEntry entry(ObjectNode record, LocalDate consentEnd) {
    return PlainRecord.of(
        "test", 1, null, "heron", record.toString().hashCode() + "", record.toString(), consentEnd);
  }

  private TransferSummary summary(String transfer) {
    return queries.find(transfer).orElseThrow().transfer();
  }

  /** As the intake has it of a row of a CSV file. */
  private static ObjectNode record(int number) {
    ObjectNode record = resource("Parameters");
    ArrayNode parameters = record.putArray("parameter");
    ObjectNode patient = resource("Patient");
    patient
        .put("gender", "female")
        .put("birthDate", "1980-01-%02d".formatted(number))
        .putArray("name")
        .addObject()
        .put("family", "Testcase-" + number)
        .putArray("given")
        .add("Ada");
    parameters.addObject().put("name", "MemberPatient").set("resource", patient);
    parameters
        .addObject()
        .put("name", "CoverageToMatch")
        .set("resource", resource("Coverage").put("subscriberId", "S" + number));
    ObjectNode consent = resource("Consent").put("status", "active");
    consent
        .putArray("policy")
        .addObject()
        .put(
            "uri",
            "http://hl7.org/fhir/us/davinci-hrex/StructureDefinition-hrex-consent.html#regular");
    consent
        .putObject("provision")
        .put("type", "permit")
        .putObject("period")
        .put("start", "2020-01-01")
        .put("end", "2099-12-31");
    parameters.addObject().put("name", "Consent").set("resource", consent);
    return record;
  }

  private static ObjectNode resource(String type) {
    return JsonNodeFactory.instance.objectNode().put("resourceType", type);
  }

  private static JsonNode json(String text) {
    try {
      return JsonLimits.mapper().readTree(text.replace('\'', '"'));
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(unreadable);
    }
  }

  private static Payer heron() {
    return PlainPayer.of("heron", URI.create(BASE), pdex());
  }

  private static Pdex pdex() {
    return new Pdex(
        new Parties(
            new Parties.Organization("New Payer", "0123456788"),
            URI.create("https://new-payer.example"),
            new Parties.Organization("Old Payer", "9876543213")),
        100,
        Duration.ZERO,
        Pdex.PAYER_TO_PAYER,
        new Pdex.StatusUrls("match/{jobId}", "export/{jobId}"),
        PatientJoin.REPEAT,
        JsonLimits.mapper());
  }
}
