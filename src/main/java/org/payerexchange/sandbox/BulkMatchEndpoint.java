package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.Body;
import org.apache.camel.Header;
import org.apache.camel.Headers;

/**
 * {@code Group/$bulk-member-match} of PDex 2.2: the request for many members, the status of its
 * job, which ends with the answer, and DELETE.
 */
public final class BulkMatchEndpoint {
  private final PdexOptions options;
  private final FhirOperation operation;
  private final Matching matching;
  private final AsyncAnswers answers;
  private final MatchFiles files;
  private final Groups groups;
  private final Jobs jobs;
  private final Jobs exports;
  private final Faults faults;
  private final RequestLog log;
  private final Clock clock;
  private final Map<String, Asked> byJob = new ConcurrentHashMap<>();
  private final AtomicReference<JsonNode> lastAsked = new AtomicReference<>(someStranger());
  private final Collection<Asked> inOrder = new ConcurrentLinkedQueue<>();

  BulkMatchEndpoint(
      SandboxOptions options,
      PdexState state,
      AsyncAnswers answers,
      Faults faults,
      RequestLog log) {
    this.options = options.pdex();
    this.operation = new FhirOperation(options);
    this.matching = new Matching(faults, options.clock());
    this.answers = answers;
    this.files = new MatchFiles(options.pdex().resultFile());
    this.groups = state.groups();
    this.jobs = state.matches();
    this.exports = state.exports();
    this.faults = faults;
    this.log = log;
    this.clock = options.clock();
  }

  /**
   * A request that was taken, and what it is answered.
   *
   * @param parameters null where there are files instead
   * @param refusal what it is answered instead; null if it is not refused
   */
  private record Asked(
      Job job, MatchForm form, ObjectNode parameters, BulkMatch match, GatewayRefusal refusal) {}

  /** Starts a job, or answers at once. */
  public Answer kickOff(@Headers Map<String, Object> headers, @Body byte[] body) {
    JsonNode request = operation.parameters(headers, body);
    if (request.path("parameter").size() > options.maxMembers()) {
      throw GatewayRefusal.outcome(422, "too-costly", "There are too many members");
    }
    MatchForm form = form(headers);
    List<MemberBundle> bundles = MemberBundle.of(request);
    String tenant = FhirOperation.text(headers.get("tenant"));
    Asked asked = asked(tenant, form, bundles);
    log.matched(tenant, List.of(asked.match().groupId()));
    inOrder.add(asked);
    if (form == MatchForm.AT_ONCE) {
      return Answer.fhir(200, asked.parameters());
    }
    Job job = asked.job();
    byJob.put(job.id(), asked);
    jobs.add(job);
    return answers.started(
        job, FhirOperation.text(headers.get("Host")), "$bulk-member-match-poll-status");
  }

  /** 202 while the job runs, then its answer. */
  public Answer status(
      @Header("tenant") String tenant,
      @Header("_jobId") String jobId,
      @Header("Host") String host) {
    Job job = jobs.require(tenant, jobId);
    return AsyncAnswers.told(
        job, () -> answers.running(job).orElseGet(() -> answer(byJob.get(job.id()), host)));
  }

  /** Ends a job. */
  public Answer release(@Header("tenant") String tenant, @Header("_jobId") String jobId) {
    Job job = jobs.require(tenant, jobId);
    Answer answer = answers.release(job);
    if (faults.isDue(Fault.GROUPS_LOST)) {
      String groupId = job.served().groupId();
      groups.remove(groupId);
      exports.all().stream()
          .filter(export -> export.served().groupId().equals(groupId))
          .forEach(Job::release);
    }
    return answer;
  }

  /** All that were asked for, in their order. */
  List<BulkMatch> all() {
    return inOrder.stream()
        .map(
            asked ->
                new BulkMatch(
                    asked.match().tenant(),
                    asked.match().jobId(),
                    asked.match().groupId(),
                    asked.match().submitted(),
                    asked.match().matched(),
                    asked.job().released()))
        .toList();
  }

  private Answer answer(Asked asked, String host) {
    if (asked.refusal() != null) {
      throw asked.refusal();
    }
    if (asked.form() == MatchForm.BODY) {
      return Answer.fhir(200, asked.parameters());
    }
    String tenant = asked.job().served().tenant();
    return Answer.json(
        200,
        answers.manifest(
            asked.job(),
            host,
            "/v1/%s/Group/$bulk-member-match".formatted(tenant),
            "/v1/%s/Binary/".formatted(tenant),
            asked.job().manifest(clock.instant())));
  }

  private Asked asked(String tenant, MatchForm form, List<MemberBundle> bundles) {
    GatewayRefusal late = null;
    Map<MatchBucket, List<Matching.Entry>> sorted;
    try {
      sorted = matching.sort(tenant, bundles);
    } catch (GatewayRefusal refusal) {
      if (!faults.isDue(Fault.REFUSED_LATE)) {
        throw refusal;
      }
      late = refusal;
      sorted = matching.sort(tenant, List.of());
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    MatchGroups writer = new MatchGroups(tenant, now, stranger(bundles), faults);
    String groupId = UUID.randomUUID().toString();
    String recipient = ProfileRules.recipient(bundles.get(0).consent());
    List<ObjectNode> written = new ArrayList<>();
    ObjectNode parameters = JsonNodeFactory.instance.objectNode().put("resourceType", "Parameters");
    ArrayNode list = parameters.putArray("parameter");
    sorted.forEach(
        (bucket, entries) -> {
          if (bucket == MatchBucket.MATCHED || !entries.isEmpty()) {
            ObjectNode group = writer.group(bucket, entries, groupId, recipient);
            written.add(group);
            list.addObject().put("name", bucket.parameter()).set("resource", group);
          }
        });
    List<PdexMember> matched =
        sorted.get(MatchBucket.MATCHED).stream()
            .map(Matching.Entry::member)
            .flatMap(Optional::stream)
            .toList();
    groups.add(new Groups.Held(tenant, groupId, written.get(0).toString(), matched));
    Job job =
        new Job(
            Job.newId(),
            Served.of(tenant, groupId, !options.tokenOnFiles()),
            now,
            files.of(form, written, parameters),
            faults.ofNewJob());
    return new Asked(
        job,
        form,
        job.files().isEmpty() ? parameters : null,
        new BulkMatch(
            tenant,
            form == MatchForm.AT_ONCE ? "" : job.id(),
            groupId,
            bundles.stream().map(bundle -> bundle.coverageIds().findFirst().orElse("")).toList(),
            matched,
            false),
        late);
  }

  /** Somebody of the request before, unless this is that request once more. */
  private JsonNode stranger(List<MemberBundle> bundles) {
    JsonNode before = lastAsked.getAndSet(bundles.get(0).patient());
    String id = before.path("id").asText();
    return bundles.stream().anyMatch(bundle -> bundle.patientId().equals(id))
        ? someStranger()
        : before;
  }

  private static ObjectNode someStranger() {
    ObjectNode stranger = JsonNodeFactory.instance.objectNode().put("resourceType", "Patient");
    stranger
        .put("id", "another-request")
        .putArray("name")
        .addObject()
        .put("family", "Elsewhere")
        .putArray("given")
        .add("Somebody");
    return stranger.put("gender", "male").put("birthDate", "1931-01-31");
  }

  private MatchForm form(Map<String, Object> headers) {
    if (options.matchForm() != MatchForm.AS_ASKED) {
      return options.matchForm();
    }
    String version =
        FhirOperation.prefers(headers)
            .filter(preference -> preference.startsWith("pdex-spec="))
            .map(preference -> preference.substring("pdex-spec=".length()))
            .findFirst()
            .orElse(FhirOperation.text(headers.get("X-PDex-Spec-Version")));
    return switch (version) {
      case "2.2" -> MatchForm.GROUPS;
      case "", "2.1" -> MatchForm.PARAMETERS;
      default ->
          throw GatewayRefusal.outcome(400, "not-supported", "This version is not supported");
    };
  }
}
