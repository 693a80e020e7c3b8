package org.payerexchange.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.Body;
import org.apache.camel.Header;
import org.apache.camel.Headers;

/** {@code Patient/$export} of one Patient: the request, the status of its job, and DELETE. */
public final class PatientExportEndpoint {
  private static final String STATUS = "$patient-export-poll-status";

  private final FhirOperation operation;
  private final Jobs jobs;
  private final PatientRecords records;
  private final AsyncAnswers answers;
  private final Faults faults;
  private final RequestLog log;
  private final Clock clock;

  PatientExportEndpoint(
      SandboxOptions options,
      Jobs jobs,
      PatientRecords records,
      AsyncAnswers answers,
      Faults faults,
      RequestLog log) {
    this.operation = new FhirOperation(options);
    this.jobs = jobs;
    this.records = records;
    this.answers = answers;
    this.faults = faults;
    this.log = log;
    this.clock = options.clock();
  }

  /** Starts a job for the Patient that the request names. */
  public Answer kickOff(@Headers Map<String, Object> headers, @Body byte[] body) {
    JsonNode request = operation.parameters(headers, body);
    String tenant = FhirOperation.text(headers.get("tenant"));
    String reference = value(request, "patient").path("reference").asText();
    int patient = PatientRecords.number(reference.replaceFirst("^Patient/", ""));
    int others = faults.isDue(Fault.EVERYBODY) ? 1 : 0;
    List<Content> files =
        files(
            IntStream.rangeClosed(patient, patient + others),
            value(request, "_type").asText(),
            since(value(request, "_since").asText()));
    Set<Fault> due = KickOffForm.of(headers, request, faults).of(faults.ofNewExport());
    Job job =
        new Job(
            Job.newId(),
            Served.of(tenant, PdexMember.patientId(patient), false),
            clock.instant().truncatedTo(ChronoUnit.MILLIS),
            due.contains(Fault.ORGANIZED)
                ? Organized.files(Map.of(reference, Organized.lines(files)))
                : files,
            due);
    jobs.add(job);
    log.kickedOff(tenant, job.served().groupId());
    return answers.started(job, FhirOperation.text(headers.get("Host")), STATUS);
  }

  /** 202 while the job runs, then the manifest. */
  public Answer status(
      @Header("tenant") String tenant,
      @Header("_jobId") String jobId,
      @Header(ManifestPage.PARAMETER) String page,
      @Header("Host") String host) {
    return answers.ofExport(
        jobs.require(tenant, jobId),
        page,
        host,
        "/v1/%s/Patient/$export".formatted(tenant),
        STATUS);
  }

  /** Ends a job; its files are gone. */
  public Answer release(@Header("tenant") String tenant, @Header("_jobId") String jobId) {
    return answers.release(jobs.require(tenant, jobId));
  }

  private List<Content> files(IntStream patients, String types, Instant since) {
    Map<String, List<String>> byType =
        patients
            .mapToObj(records::of)
            .flatMap(record -> record.of(PatientRecords.types(types), since).stream())
            .collect(
                Collectors.groupingBy(
                    PatientRecord.Entry::type,
                    TreeMap::new,
                    Collectors.mapping(PatientRecord.Entry::json, Collectors.toList())));
    return byType.entrySet().stream()
        .map(file -> file(file.getKey(), file.getValue().stream().distinct().toList()))
        .toList();
  }

  private static Content file(String type, List<String> lines) {
    return new StoredContent(type, lines.size(), (String.join("\n", lines) + "\n").getBytes(UTF_8));
  }

  private static JsonNode value(JsonNode request, String name) {
    List<JsonNode> named =
        FhirOperation.elements(request.path("parameter"))
            .filter(parameter -> name.equals(parameter.path("name").asText()))
            .toList();
    if (named.size() > 1) {
      throw GatewayRefusal.outcome(400, "invalid", name + " is there more than once");
    }
    JsonNode parameter = named.isEmpty() ? request.path("none") : named.get(0);
    return switch (name) {
      case "patient" -> parameter.path("valueReference");
      case "_since" -> parameter.path("valueInstant");
      default -> parameter.path("valueString");
    };
  }

  private static Instant since(String text) {
    try {
      return text.isEmpty() ? Instant.EPOCH : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw GatewayRefusal.outcome(400, "invalid", "_since is no instant");
    }
  }
}
