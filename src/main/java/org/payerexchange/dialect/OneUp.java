package org.payerexchange.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** The 1upHealth gateway as its "Payer implementation" page prints it. */
public record OneUp() implements Dialect, SingleMatch {
  /** The value of {@code p2p.payers.<id>.dialect}. */
  public static final String KEY = "1up";

  private static final String BULK_DATA = "/bulk-data/r4";

  /** The job's URL, or the last of its path, at the very end of a sentence. */
  private static final Pattern JOB_AT_THE_END =
      Pattern.compile("/job/([^/\\s?#\"<>\\\\]{1,128}?)/?[\\s.]*$");

  /** A job's URL that something follows, so that it has not been cut. */
  private static final Pattern JOB_AND_MORE =
      Pattern.compile("/job/([^/\\s?#\"<>\\\\]{1,128}?)/?\\.*(?=[\"<>\\s])");

  @Override
  public String key() {
    return KEY;
  }

  @Override
  public Optional<SingleMatch> singleMatch() {
    return Optional.of(this);
  }

  /** What the gateway calls itself inside. */
  @Override
  public Set<String> aliasHosts() {
    return Set.of("gateway.1upcoredev.com");
  }

  @Override
  public GatewayRequest match(JsonNode parameters) {
    return new GatewayRequest(
        "POST",
        "/member-match/$member-match",
        Map.of("Accept", "application/fhir+json, application/json"),
        parameters.toString(),
        "application/json");
  }

  @Override
  public MatchOutcome outcome(JsonNode answer) {
    return MatchedGroups.in(answer);
  }

  @Override
  public GatewayRequest kickoff(String groupId, ExportLimits limits) {
    return limits.kickoff(BULK_DATA + "/Group/" + PathSegment.encoded(groupId) + "/$export");
  }

  /**
   * The id stands at the end of an OperationOutcome's {@code issue[].details.text}, on a host that
   * need not be the one to call; the URL is built on the base URL. An answer that is no JSON, or
   * was cut, is searched for a whole URL of a job: the payer has one by now.
   */
  @Override
  public NamedJob job(URI baseUrl, JsonNode answer, byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8);
    String id =
        ofOutcome(answer)
            .or(() -> found(JOB_AND_MORE, text))
            .or(() -> text.stripLeading().startsWith("{") ? Optional.empty() : atTheEnd(text))
            .orElseThrow(
                () ->
                    new TransferException(
                        FailureReason.PAYER_REFUSED,
                        "the answer to the kick-off names no export job, neither in Content-Location nor in issue[].details.text"));
    return new NamedJob(id, baseUrl + BULK_DATA + "/$export/job/" + PathSegment.encoded(id));
  }

  private static Optional<String> ofOutcome(JsonNode outcome) {
    return outcome
        .path("issue")
        .valueStream()
        .map(issue -> issue.path("details").path("text").asText())
        .flatMap(text -> atTheEnd(text).stream())
        .findFirst();
  }

  private static Optional<String> atTheEnd(String text) {
    return found(JOB_AT_THE_END, text);
  }

  private static Optional<String> found(Pattern job, String text) {
    return job.matcher(text)
        .results()
        .map(match -> match.group(1))
        .filter(PathSegment::isSafe)
        .findFirst();
  }

  @Override
  public JobReport report(JsonNode answer) {
    String status = answer.path("status").asText("");
    JsonNode batches = answer.path("batches");
    JsonNode count = answer.path("resourceCount");
    boolean counted = count.isIntegralNumber() && count.canConvertToLong() && count.asLong() >= 0;
    return new JobReport(
        JobWord.of(status),
        status,
        batches.isObject() ? Optional.of(batches(batches)) : Optional.empty(),
        counted ? Long.valueOf(count.asLong()) : null);
  }

  private static BatchCounts batches(JsonNode batches) {
    return new BatchCounts(
        batches.path("running").asLong(),
        batches.path("complete").asLong(),
        batches.path("failed").asLong(),
        batches.path("total").asLong());
  }
}
