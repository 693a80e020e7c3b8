package org.payerexchange.dialect.pdex;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.payerexchange.dialect.BulkMatch;
import org.payerexchange.dialect.Dialect;
import org.payerexchange.dialect.ExportLimits;
import org.payerexchange.dialect.FieldProblem;
import org.payerexchange.dialect.GatewayRequest;
import org.payerexchange.dialect.JobReport;
import org.payerexchange.dialect.JobWord;
import org.payerexchange.dialect.NamedJob;
import org.payerexchange.dialect.PathSegment;
import org.payerexchange.dialect.member.FhirJson;
import org.payerexchange.dialect.member.MemberId;
import org.payerexchange.dialect.member.Parties;

/**
 * Payers ask each other by PDex (HL7 Da Vinci Payer Data Exchange 2.1 and 2.2): {@code
 * $bulk-member-match} for many members, then {@code $davinci-data-export} for the Group that
 * matched. What a payer does in a way of its own is a setting.
 *
 * @param parties who asks and who is asked
 * @param batchSize how many members a request asks for at most
 * @param batchWait how long a member waits for others at most
 * @param exportType what an export is for, in the payer's word
 * @param statusUrls where the status of a job is whose id is all that the payer tells
 * @param patientJoin how the members stand in the request of an export for some of a Group
 * @param json reads and writes; bounds depth and names, and lets a text be as long as a result that
 *     comes as a Binary
 */
public record Pdex(
    Parties parties,
    int batchSize,
    Duration batchWait,
    String exportType,
    StatusUrls statusUrls,
    PatientJoin patientJoin,
    JsonMapper json)
    implements Dialect, BulkMatch {
  /** The value of {@code p2p.payers.<id>.dialect}. */
  public static final String KEY = "pdex";

  /** What an export is for, as the standard has it. */
  public static final String PAYER_TO_PAYER = ExportRequest.PAYER_TO_PAYER;

  private static final String FHIR = "application/fhir+json";
  private static final Map<String, String> ASYNCHRONOUS = ExportLimits.NONE.headers();

  /** A payer that cannot read a filter, or does not know it. */
  private static final Set<Integer> OF_THE_FILTER = Set.of(400, 422);

  /**
   * Where the status of a job is whose id is all that the payer tells: URLs, or paths under its
   * base URL, with <code>{jobId}</code> in them.
   *
   * @param ofMatches empty for a payer that tells the URL
   * @param ofExports likewise
   */
  public record StatusUrls(String ofMatches, String ofExports) {
    /** Of a payer that tells the URLs. */
    public static final StatusUrls TOLD = new StatusUrls("", "");
  }

  @Override
  public String key() {
    return KEY;
  }

  @Override
  public Optional<BulkMatch> bulkMatch() {
    return Optional.of(this);
  }

  @Override
  public List<FieldProblem> problems(JsonNode parameters) {
    return new MemberBundle(parameters, "member", parties).problems();
  }

  @Override
  public GatewayRequest request(String batch, List<Member> members) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try {
      new BulkMatchRequest(json)
          .write(
              members.stream()
                  .map(
                      member ->
                          new MemberBundle(
                              member.parameters(), MemberId.of(batch, member.transfer()), parties))
                  .iterator(),
              body);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return new GatewayRequest(
        "POST", "/Group/$bulk-member-match", ASYNCHRONOUS, body.toString(UTF_8), FHIR);
  }

  @Override
  public boolean isResult(JsonNode answer) {
    return switch (FhirJson.text(answer, "resourceType")) {
      case "Group", "Bundle", "Binary" -> true;
      default ->
          hold(answer.path("parameter"))
              || (answer.path("output").isObject() && isResult(answer.path("output")));
    };
  }

  /** Parameters without a resource may name the job instead. */
  private static boolean hold(JsonNode parameters) {
    return FhirJson.items(parameters)
        .anyMatch(
            parameter -> parameter.path("resource").isObject() || hold(parameter.path("part")));
  }

  @Override
  public List<Integer> resultFiles(List<String> types) {
    return ResultFiles.of(types);
  }

  @Override
  public Reading reading(int asked, Predicate<String> isOwn) {
    return new MatchReading(parties, json, asked, isOwn);
  }

  @Override
  public List<Export> exports(List<Matched> matched, Map<String, Integer> entries) {
    Map<String, List<Matched>> byGroup = new LinkedHashMap<>();
    matched.forEach(
        member ->
            byGroup.computeIfAbsent(member.groupId(), unused -> new ArrayList<>()).add(member));
    return byGroup.entrySet().stream()
        .flatMap(
            group ->
                SharedExports.of(
                    group.getKey(),
                    group.getValue(),
                    entries.getOrDefault(group.getKey(), Integer.MAX_VALUE),
                    patientJoin != PatientJoin.NONE)
                    .stream())
        .toList();
  }

  @Override
  public String usualTypes() {
    return ExportRequest.TYPES;
  }

  @Override
  public GatewayRequest kickoff(String groupId, ExportLimits limits) {
    return kickoff(groupId, limits, List.of());
  }

  @Override
  public GatewayRequest kickoff(String groupId, ExportLimits limits, List<String> patients) {
    ExportRequest request =
        new ExportRequest(
            exportType,
            limits.types(),
            limits.typeFilter(),
            Optional.ofNullable(limits.since()),
            Optional.empty(),
            patientJoin == PatientJoin.NONE ? List.of() : patients,
            patientJoin == PatientJoin.COMMA);
    ObjectNode body = request.parameters();
    limits.addFormTo(body.withArray("parameter"));
    return new GatewayRequest(
        "POST",
        "/Group/" + PathSegment.encoded(groupId) + "/$davinci-data-export",
        limits.headers(),
        body.toString(),
        FHIR);
  }

  @Override
  public Optional<ExportLimits> afterRefusal(int status, ExportLimits limits) {
    return OF_THE_FILTER.contains(status) && !limits.typeFilter().isEmpty()
        ? Optional.of(limits.withoutFilter())
        : Optional.empty();
  }

  @Override
  public NamedJob matchJob(URI baseUrl, JsonNode answer) {
    return StatusUrl.of(answer, statusUrls.ofMatches(), baseUrl);
  }

  @Override
  public NamedJob job(URI baseUrl, JsonNode answer, byte[] body) {
    return StatusUrl.of(answer, statusUrls.ofExports(), baseUrl);
  }

  /** The standard has no word for a job's state; AWS HealthLake has some. */
  @Override
  public JobReport report(JsonNode answer) {
    String status = answer.path("status").asText("");
    return new JobReport(JobWord.of(status), status, Optional.empty(), null);
  }

  /** Nothing of the parties. */
  @Override
  public String toString() {
    return "Pdex[%s members]".formatted(batchSize);
  }
}
