package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.Headers;

/**
 * Bulk export as the gateway's documentation prints it: kick-off, status with the manifest, and
 * DELETE (FHIR Bulk Data Access 2). URLs in answers are partly on a host that is not the one to
 * call.
 */
public final class Exports {
  static final String ALIAS = "https://gateway.1upcoredev.com";
  private static final String TRANSACTION_TIME = "transactionTime";

  /** The {@code count} of an error file: what could not be exported, not its lines. */
  static final int WHAT_FAILED = 41;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

  private final SandboxOptions options;
  private final Members members;
  private final Exported exported;
  private final Faults faults;
  private final RequestLog log;
  private final Clock clock;
  private final FileUrls urls;
  private final Jobs jobs;
  private final Map<String, AtomicInteger> throttled = new ConcurrentHashMap<>();

  Exports(
      SandboxOptions options,
      Members members,
      Exported exported,
      Jobs jobs,
      Faults faults,
      RequestLog log) {
    this.jobs = jobs;
    this.urls = new FileUrls(faults);
    this.options = options;
    this.members = members;
    this.exported = exported;
    this.faults = faults;
    this.log = log;
    this.clock = options.clock();
  }

  /** Starts a job for a group. */
  public Answer kickOff(
      @Header("tenant") String tenant,
      @Header("group") String groupId,
      @Header("Host") String host,
      @Headers Map<String, Object> headers,
      @Body byte[] body) {
    boolean posted = "POST".equals(FhirOperation.text(headers.get(Exchange.HTTP_METHOD)));
    if (faults.isDue(posted ? Fault.GET_ONLY : Fault.POST_ONLY)) {
      throw GatewayRefusal.outcome(405, "not-supported", "An export is asked for otherwise");
    }
    KickOffForm asked =
        posted
            ? KickOffForm.of(headers, FhirOperation.parsed(body), faults)
            : KickOffForm.of(headers, faults);
    Member member =
        Optional.of(tenant)
            .filter(options.tenants()::contains)
            .flatMap(known -> members.byGroup(known, groupId))
            .orElseThrow(() -> notFound("Group not found"));
    if (member.scenario() == Scenario.THROTTLED
        && throttled
                .computeIfAbsent(tenant + '/' + groupId, key -> new AtomicInteger())
                .getAndIncrement()
            < 2) {
      throw GatewayRefusal.outcome(
          429, "throttled", "Too many requests", Map.of("Retry-After", "1"));
    }
    Set<Fault> due = faultsOf(member, asked);
    Job job =
        new Job(
            Job.newId(),
            Served.of(member, groupId),
            clock.instant(),
            files(member, groupId, asked, due.contains(Fault.ORGANIZED)),
            due);
    jobs.add(job);
    log.kickedOff(tenant, groupId);
    String url = "/v1/%s/bulk-data/r4/$export/job/%s".formatted(tenant, job.id());
    KickOffAnswer form =
        member.kickOffAnswer() == null ? options.kickOffAnswer() : member.kickOffAnswer();
    if (faults.isDue(Fault.INNER_URLS)) {
      return new Answer(
          202, Answer.FHIR, Map.of("Content-Location", FileUrls.inner(host) + url), null);
    }
    return switch (form) {
      case OPERATION_OUTCOME -> {
        ObjectNode started =
            OperationOutcomes.information(
                "Asynchronous export running. Track job at " + ALIAS + url);
        yield Answer.fhir(200, faults.isDue(Fault.KICK_OFF_CUT) ? cut(started) : started);
      }
      case CONTENT_LOCATION ->
          new Answer(202, Answer.FHIR, Map.of("Content-Location", ALIAS + url), null);
    };
  }

  /** The state of a job: running, failed, or the manifest. */
  public Answer status(
      @Header("tenant") String tenant,
      @Header("job") String jobId,
      @Header(ManifestPage.PARAMETER) String page,
      @Header("Host") String host) {
    Job job = jobs.require(tenant, jobId);
    if (job.served().scenario() == Scenario.UNAVAILABLE && job.failsOnceMore(2)) {
      throw GatewayRefusal.outcome(503, "transient", "Service unavailable");
    }
    return AsyncAnswers.told(job, () -> status(job, page, host));
  }

  private Answer status(Job job, String page, String host) {
    int polls = job.poll();
    if (polls < options.runningPolls()) {
      return running(job, polls, host);
    }
    if (job.has(Fault.JOB_FAILED)) {
      return Answer.json(200, facts(job, host, "Failed", 0, batches(0, 0, 1, 1)));
    }
    if (job.has(Fault.JOB_FAILED_BY_STATUS)) {
      throw GatewayRefusal.outcome(500, "exception", "The export job has failed");
    }
    if (job.has(Fault.STATUS_EMPTY)) {
      return Answer.json(200, JsonNodeFactory.instance.objectNode());
    }
    ManifestPage asked = ManifestPage.of(job, page, clock.instant());
    if (asked.isEarly(job)) {
      return new Answer(202, Answer.JSON, Map.of("X-Progress", "page in preparation"), null);
    }
    String statusUrl =
        ALIAS + "/v1/%s/bulk-data/r4/$export/job/%s".formatted(job.served().tenant(), job.id());
    return AsyncAnswers.kept(
        job,
        asked,
        asked.cut(job, disturbed(job, manifest(job, host, asked.manifest())), statusUrl, faults));
  }

  /** A manifest as the job's faults want it. */
  static ObjectNode disturbed(Job job, ObjectNode manifest) {
    if (job.has(Fault.STATUS_COMPLETED)) {
      manifest.put("status", "completed");
    }
    if (job.has(Fault.STATUS_UNKNOWN)) {
      manifest.put("status", "fulfilled");
    }
    if (job.has(Fault.NO_OUTPUT)) {
      manifest.remove(List.of("status", "output", "error", "resourceCount", "batches"));
    }
    if (job.has(Fault.TIME_WITHOUT_COLON)) {
      manifest.put(TRANSACTION_TIME, TIME.format(job.startedAt()).replace("Z", "+0000"));
    }
    if (job.has(Fault.TIME_UNREADABLE)) {
      manifest.put(TRANSACTION_TIME, "just now");
    }
    if (job.has(Fault.ORGANIZED)) {
      Organized.describe(manifest);
    }
    if (job.has(Fault.OUTCOME_LIST)) {
      manifest.remove("request");
      Optional.ofNullable(manifest.remove("error"))
          .ifPresent(errors -> manifest.set("outcome", errors));
    }
    return manifest;
  }

  private List<Content> files(Member member, String groupId, KickOffForm asked, boolean organized) {
    List<Content> all = new ArrayList<>(exported.of(member, groupId));
    if (asked.associatedData() && !all.isEmpty()) {
      all.add(Provenances.of(all));
    }
    if (faults.isDue(Fault.ATTACHMENTS)) {
      all.add(Documents.file(Documents.references()));
    }
    return organized ? Organized.files(Map.of("Patient/" + groupId, Organized.lines(all))) : all;
  }

  private Set<Fault> faultsOf(Member member, KickOffForm asked) {
    Set<Fault> due = asked.of(faults.ofNewExport());
    if (member.scenario() == Scenario.JOB_FAILS) {
      due.add(Fault.JOB_FAILED);
    }
    return due;
  }

  /** Without its end. */
  private static JsonNode cut(JsonNode json) {
    String whole = json.toString();
    return JsonNodeFactory.instance.rawValueNode(
        new RawValue(whole.substring(0, whole.length() - 2)));
  }

  /** Ends a job; its files are gone. */
  public Answer release(@Header("tenant") String tenant, @Header("job") String jobId) {
    Job job = jobs.require(tenant, jobId);
    if (faults.isDue(Fault.RELEASE_REFUSED)) {
      throw GatewayRefusal.outcome(500, "exception", "A completed job cannot be cancelled");
    }
    job.release();
    return new Answer(202, Answer.FHIR, Map.of(), null);
  }

  /** What a partial export's error file holds. */
  static Content errors() {
    return StoredContent.of(
        "OperationOutcome",
        List.of(OperationOutcomes.error("exception", "A batch could not be exported")),
        true);
  }

  private Answer running(Job job, int polls, String host) {
    int total = Math.max(1, job.files().size());
    int complete = total * polls / Math.max(1, options.runningPolls());
    ObjectNode facts =
        facts(job, host, "Running", 0, batches(total - complete, complete, 0, total));
    boolean early = job.has(Fault.PARTIAL_MANIFEST);
    if (early) {
      log.happened(RequestKind.STATUS, Fault.PARTIAL_MANIFEST);
      ManifestPage ready = ManifestPage.of(job, null, clock.instant());
      ObjectNode whole = disturbed(job, manifest(job, host, ready.manifest()));
      facts.set("output", ready.part(whole).path("output"));
    }
    Answer answer =
        Answer.json(early || job.has(Fault.EXPORT_STATUS) ? 202 : 200, facts)
            .with("X-Progress", "%d of %d batches complete".formatted(complete, total));
    return options
        .retryAfter()
        .map(Duration::toSeconds)
        .map(seconds -> answer.with("Retry-After", Long.toString(seconds)))
        .orElse(answer);
  }

  private ObjectNode manifest(Job job, String host, int manifest) {
    boolean partial =
        job.served().scenario() == Scenario.PARTIAL || faults.isDue(Fault.ERROR_COUNT);
    int complete = job.files().size();
    long resources = job.files().stream().mapToLong(Content::resources).sum();
    ObjectNode body =
        facts(
            job,
            host,
            "Successful",
            resources,
            batches(0, complete, partial ? 1 : 0, complete + (partial ? 1 : 0)));
    ArrayNode output = body.putArray("output");
    for (int index = 0; index < complete; index++) {
      output
          .addObject()
          .put("type", job.files().get(index).resourceType())
          .put("url", fileUrl(job, host, new FilePath(job.id(), manifest, index)));
    }
    if (partial) {
      body.putArray("error")
          .addObject()
          .put("type", "OperationOutcome")
          .put("url", fileUrl(job, host, new FilePath(job.id(), manifest, FilePath.ERRORS)))
          .put("count", WHAT_FAILED);
    }
    return body;
  }

  private String fileUrl(Job job, String host, FilePath name) {
    return urls.of(
        host,
        name.index() % 2 == 0 ? ALIAS : FileUrls.origin(host),
        "/v1/%s/bulk-data/r4/$export/file/".formatted(job.served().tenant()),
        name);
  }

  private ObjectNode facts(
      Job job, String host, String status, long resources, ObjectNode batches) {
    ObjectNode facts = JsonNodeFactory.instance.objectNode();
    facts
        .put("id", job.id())
        .put(TRANSACTION_TIME, TIME.format(job.startedAt()))
        .put(
            "request",
            "%s/v1/%s/bulk-data/r4/Group/%s/$export"
                .formatted(FileUrls.origin(host), job.served().tenant(), job.served().groupId()))
        .put("requiresAccessToken", true)
        .put("status", status)
        .put("resourceCount", resources);
    facts.set("batches", batches);
    Instant now = clock.instant();
    return facts.put("lastUpdated", TIME.format(now));
  }

  private static ObjectNode batches(int running, int complete, int failed, int total) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("running", running)
        .put("complete", complete)
        .put("failed", failed)
        .put("total", total);
  }

  private static GatewayRefusal notFound(String text) {
    return GatewayRefusal.outcome(404, "not-found", text);
  }
}
