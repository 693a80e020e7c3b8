package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What jobs answer alike (FHIR Bulk Data Access 2). */
final class AsyncAnswers {
  private final SandboxOptions options;
  private final Faults faults;
  private final FileUrls urls;

  private final RequestLog log;
  private final Clock clock;

  AsyncAnswers(SandboxOptions options, Faults faults, RequestLog log) {
    this.options = options;
    this.log = log;
    this.clock = options.clock();
    this.faults = faults;
    this.urls = new FileUrls(faults);
  }

  /**
   * The job was started.
   *
   * @param statusPath the last part of where its status is
   */
  Answer started(Job job, String host, String statusPath) {
    if (faults.isDue(Fault.JOB_ID_IN_BODY)) {
      return Answer.json(202, JsonNodeFactory.instance.objectNode().put("jobId", job.id()));
    }
    return new Answer(202, Answer.FHIR, Map.of(), null)
        .with(
            "Content-Location",
            faults.isDue(Fault.RELATIVE_LOCATION)
                ? path(job, statusPath)
                : statusUrl(job, host, statusPath));
  }

  /**
   * Counts a status request; empty: the job is over.
   *
   * @throws GatewayRefusal 500 for a job that has failed
   */
  Optional<Answer> running(Job job) {
    if (job.poll() < options.runningPolls()) {
      return Optional.of(notYet());
    }
    job.done();
    if (job.has(Fault.JOB_FAILED_BY_STATUS)) {
      throw GatewayRefusal.outcome(500, "exception", "The job has failed");
    }
    return Optional.empty();
  }

  /**
   * 202 while an export runs, then its manifest, or a page of it.
   *
   * @param page the page that is asked for; null for the first
   * @param request the path of the kick-off
   * @param statusPath the last part of where its status is
   */
  Answer ofExport(Job job, String page, String host, String request, String statusPath) {
    return told(
        job,
        () ->
            running(job)
                .map(notYet -> early(job, notYet, host, request))
                .orElseGet(
                    () ->
                        finished(
                            job,
                            ManifestPage.of(job, page, clock.instant()),
                            host,
                            request,
                            statusPath)));
  }

  /** An answer for a job whose gateway tells of it by a header alone, if its faults want it so. */
  static Answer told(Job job, Supplier<Answer> answer) {
    if (!job.has(Fault.EXPORT_STATUS)) {
      return answer.get();
    }
    Answer meant;
    try {
      meant = answer.get();
    } catch (GatewayRefusal refusal) {
      meant = refusal.answer();
    }
    return new Answer(200, meant.contentType(), meant.headers(), meant.body())
        .with("X-Export-Status", Integer.toString(meant.status()));
  }

  /** A manifest, and until when its links work where the job's faults want it said. */
  static Answer kept(Job job, ManifestPage page, ObjectNode manifest) {
    Answer answer = Answer.json(200, manifest);
    if (!job.has(Fault.LINKS_EXPIRE)) {
      return answer;
    }
    ZonedDateTime until = job.keptUntil(page.manifest()).atZone(ZoneOffset.UTC);
    return answer.with("Expires", DateTimeFormatter.RFC_1123_DATE_TIME.format(until));
  }

  private Answer early(Job job, Answer notYet, String host, String request) {
    if (!job.has(Fault.PARTIAL_MANIFEST)) {
      return notYet;
    }
    log.happened(RequestKind.STATUS, Fault.PARTIAL_MANIFEST);
    ManifestPage ready = ManifestPage.of(job, null, clock.instant());
    ObjectNode whole = manifest(job, host, request, folder(job), ready.manifest());
    return new Answer(202, Answer.JSON, notYet.headers(), ready.part(whole));
  }

  private Answer finished(
      Job job, ManifestPage page, String host, String request, String statusPath) {
    if (page.isEarly(job)) {
      return notYet();
    }
    return kept(
        job,
        page,
        page.cut(
            job,
            manifest(job, host, request, folder(job), page.manifest()),
            statusUrl(job, host, statusPath),
            faults));
  }

  private static String folder(Job job) {
    return "/v1/%s/bulk-data/r4/$export/file/".formatted(job.served().tenant());
  }

  /** 202: what is asked for is not there yet. */
  Answer notYet() {
    Answer answer =
        new Answer(202, Answer.JSON, Map.of("X-Progress", "Status set to IN_PROGRESS"), null);
    return options
        .retryAfter()
        .map(Duration::toSeconds)
        .map(seconds -> answer.with("Retry-After", Long.toString(seconds)))
        .orElse(answer);
  }

  /**
   * The manifest of a job that is over.
   *
   * @param folder the path before its files' names, with a slash at the end
   * @param manifest its number
   */
  ObjectNode manifest(Job job, String host, String request, String folder, int manifest) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("transactionTime", job.startedAt().toString())
        .put("request", FileUrls.origin(host) + request)
        .put("requiresAccessToken", !job.served().open());
    boolean counted = !faults.isDue(Fault.COUNTS_LEFT_OUT);
    body.putArray("output");
    for (int index = 0; index < job.files().size(); index++) {
      Content content = job.files().get(index);
      ObjectNode file =
          body.withArray(content.resourceType().equals("Bundle") ? "deleted" : "output")
              .addObject()
              .put("type", content.resourceType())
              .put("url", urls.of(host, FileUrls.origin(host), folder, name(job, manifest, index)));
      if (counted) {
        file.put("count", content.resources());
      }
    }
    ArrayNode errors = body.putArray("error");
    if (faults.isDue(Fault.ERROR_COUNT)) {
      FilePath name = new FilePath(job.id(), manifest, FilePath.ERRORS);
      errors
          .addObject()
          .put("type", "OperationOutcome")
          .put("url", urls.of(host, FileUrls.origin(host), folder, name))
          .put("count", Exports.WHAT_FAILED);
    }
    return Exports.disturbed(job, body);
  }

  /**
   * Where the status of a job is.
   *
   * @param statusPath the last part of its path
   */
  String statusUrl(Job job, String host, String statusPath) {
    String origin = faults.isDue(Fault.INNER_URLS) ? FileUrls.inner(host) : FileUrls.origin(host);
    return origin + path(job, statusPath);
  }

  private static String path(Job job, String statusPath) {
    return "/v1/%s/%s?_jobId=%s".formatted(job.served().tenant(), statusPath, job.id());
  }

  private static FilePath name(Job job, int manifest, int index) {
    return new FilePath(job.id(), manifest, index);
  }

  /**
   * Ends a job for its client.
   *
   * @throws GatewayRefusal where faults want it
   */
  Answer release(Job job) {
    if (faults.isDue(Fault.RELEASE_REFUSED)) {
      throw GatewayRefusal.outcome(500, "exception", "A completed job cannot be cancelled");
    }
    if (job.isDone() && faults.isDue(Fault.RELEASE_TOO_LATE)) {
      throw GatewayRefusal.outcome(404, "not-found", "The job has completed. Nothing to do.");
    }
    job.release();
    return new Answer(202, Answer.FHIR, Map.of(), null);
  }
}
