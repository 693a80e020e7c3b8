package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.Body;
import org.apache.camel.Header;
import org.apache.camel.Headers;

/**
 * {@code Group/[id]/$davinci-data-export} of PDex 2.2 for payers: the request, the status of its
 * job, which ends with a manifest, and DELETE.
 */
public final class GroupExportEndpoint {
  private static final String STATUS = "$davinci-export-poll-status";

  private final PdexOptions options;
  private final FhirOperation operation;
  private final GroupHistory history;
  private final AsyncAnswers answers;
  private final Groups groups;
  private final Jobs jobs;
  private final Faults faults;
  private final RequestLog log;
  private final Clock clock;
  private final Collection<GroupExport> inOrder = new ConcurrentLinkedQueue<>();

  GroupExportEndpoint(
      SandboxOptions options,
      PdexState state,
      AsyncAnswers answers,
      Faults faults,
      RequestLog log) {
    this.options = options.pdex();
    this.operation = new FhirOperation(options);
    this.history = new GroupHistory(options.pdex().group());
    this.answers = answers;
    this.groups = state.groups();
    this.jobs = state.exports();
    this.faults = faults;
    this.log = log;
    this.clock = options.clock();
  }

  /** Starts a job. */
  public Answer kickOff(@Headers Map<String, Object> headers, @Body byte[] body) {
    JsonNode request = operation.parameters(headers, body);
    String tenant = FhirOperation.text(headers.get("tenant"));
    Groups.Held held = groups.require(tenant, FhirOperation.text(headers.get("group")));
    KickOffForm form = KickOffForm.of(headers, request, faults);
    ExportParameters asked = ExportParameters.of(request, options, faults);
    List<PdexMember> members = members(held, asked.patients());
    if (faults.isDue(Fault.ONE_EXPORT)
        && inOrder.stream().anyMatch(export -> runs(export, tenant))) {
      throw GatewayRefusal.outcome(
          429, "throttled", "Another export is running", Map.of("Retry-After", "1"));
    }
    int[] patients =
        members.stream()
            .filter(PdexMember::hasData)
            .mapToInt(PdexMember::patient)
            .distinct()
            .toArray();
    GroupContents contents = new GroupContents(history, asked, patients, held.json());
    Set<Fault> due = form.of(faults.ofNewExport());
    List<Content> files =
        new ArrayList<>(
            due.contains(Fault.ORGANIZED)
                ? Organized.files(contents.blocks())
                : contents.files(options.group().filesPerType()));
    if (faults.isDue(Fault.ATTACHMENTS)) {
      files.add(
          Documents.file(
              IntStream.of(patients)
                  .mapToObj(PdexMember::patientId)
                  .flatMap(patient -> Documents.references(patient).stream())
                  .toList()));
    }
    if (faults.isDue(Fault.DELETIONS)) {
      files.add(deletions());
    }
    Job job =
        new Job(
            Job.newId(),
            Served.of(tenant, held.id(), !options.tokenOnFiles()),
            clock.instant().truncatedTo(ChronoUnit.MILLIS),
            files,
            due);
    jobs.add(job);
    inOrder.add(new GroupExport(job, members, contents));
    log.kickedOff(tenant, held.id());
    return answers.started(job, FhirOperation.text(headers.get("Host")), STATUS);
  }

  /** 202 while the job runs, then the manifest. */
  public Answer status(
      @Header("tenant") String tenant,
      @Header("_jobId") String jobId,
      @Header(ManifestPage.PARAMETER) String page,
      @Header("Host") String host) {
    Job job = jobs.require(tenant, jobId);
    String request =
        "/v1/%s/Group/%s/$davinci-data-export".formatted(tenant, job.served().groupId());
    return answers.ofExport(job, page, host, request, STATUS);
  }

  /** Ends a job; its files are gone. */
  public Answer release(@Header("tenant") String tenant, @Header("_jobId") String jobId) {
    return answers.release(jobs.require(tenant, jobId));
  }

  /** All that were asked for, in their order. */
  List<GroupExport> all() {
    return List.copyOf(inOrder);
  }

  private static boolean runs(GroupExport export, String tenant) {
    return export.tenant().equals(tenant) && !export.job().isDone() && !export.released();
  }

  private static List<PdexMember> members(Groups.Held held, Set<String> patients) {
    Set<String> known =
        held.members().stream().map(PdexMember::patientId).collect(Collectors.toSet());
    if (!known.containsAll(patients)) {
      throw GatewayRefusal.outcome(400, "invalid", "patient is not a member of the Group");
    }
    return held.members().stream()
        .distinct()
        .filter(member -> patients.isEmpty() || patients.contains(member.patientId()))
        .toList();
  }

  private static Content deletions() {
    ObjectNode bundle = JsonNodeFactory.instance.objectNode().put("resourceType", "Bundle");
    bundle
        .put("type", "transaction")
        .putArray("entry")
        .addObject()
        .putObject("request")
        .put("method", "DELETE")
        .put("url", "Observation/no-longer-there");
    return StoredContent.of("Bundle", List.of(bundle), true);
  }
}
