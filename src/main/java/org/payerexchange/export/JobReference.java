package org.payerexchange.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.payerexchange.payer.Payer;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * Which export job a payer started, read from its answer to the kick-off.
 *
 * @param jobId the payer's id of the job, which tells it from the payer's other jobs; null if the
 *     status URL holds none that is plain
 * @param statusUrl where to ask for it, safe to call
 */
public record JobReference(String jobId, URI statusUrl) {
  /** The job's URL, or the last of its path, at the very end of a sentence. */
  private static final Pattern JOB_AT_THE_END =
      Pattern.compile("/job/([^/\\s?#\"<>\\\\]{1,128}?)/?[\\s.]*$");

  /** A job's URL that something follows, so that it has not been cut. */
  private static final Pattern JOB_AND_MORE =
      Pattern.compile("/job/([^/\\s?#\"<>\\\\]{1,128}?)/?\\.*(?=[\"<>\\s])");

  /** Some servers have one path for the status of all jobs. */
  private static final Pattern JOB_IN_THE_QUERY =
      Pattern.compile("(?i)[?&]_?(?:(?:job|export|task|request)(?:[_-]?id)?|id)=([^&]+)");

  /**
   * The last of the path that is neither the operation's name nor a word of what is asked of it.
   */
  private static final Pattern JOB_IN_THE_PATH =
      Pattern.compile("/([^/$][^/]*)(?i:/(?:status|progress))?/*$");

  /**
   * Reads a {@code Content-Location} header (FHIR Bulk Data Access 2, "Bulk Data Kick-off
   * Request"). Its URL is called as it is, query included, once {@link AnswerUrl} has passed it.
   *
   * @param payer whose answer it is
   * @param kickoff the URL that was asked
   * @param contentLocation the header's value
   * @throws TransferException {@link FailureReason#FOREIGN_HOST} or {@link
   *     FailureReason#PAYER_REFUSED} if it cannot be called: asking again could start a job each
   *     time
   */
  public static JobReference ofContentLocation(Payer payer, URI kickoff, String contentLocation) {
    URI statusUrl = statusUrl(payer, kickoff, contentLocation);
    String id = jobId(statusUrl);
    return new JobReference(PathSegment.isSafe(id) ? id : null, statusUrl);
  }

  /** Beside a query a word of the path is the operation's name, which all jobs share. */
  private static String jobId(URI statusUrl) {
    String query = statusUrl.getRawQuery();
    Matcher inQuery = JOB_IN_THE_QUERY.matcher("?" + query);
    if (query != null && inQuery.find()) {
      return inQuery.group(1);
    }
    Matcher inPath = JOB_IN_THE_PATH.matcher(statusUrl.getRawPath());
    boolean found = inPath.find() && (query == null || inPath.group(1).matches(".*\\d.*"));
    return found ? inPath.group(1) : null;
  }

  private static URI statusUrl(Payer payer, URI kickoff, String contentLocation) {
    try {
      return AnswerUrl.resolve(payer, kickoff, contentLocation);
    } catch (TransferException unusable) {
      throw unusable.reason() == FailureReason.BAD_ANSWER
          ? new TransferException(FailureReason.PAYER_REFUSED, unusable.getMessage())
          : unusable;
    }
  }

  /**
   * Reads the OperationOutcome of the 1upHealth gateway: the job id stands at the end of {@code
   * issue[].details.text}, on a host that need not be the one to call; the URL is built on the
   * payer's {@code base-url}. An answer that is no JSON, or was cut, is searched for a whole URL of
   * a job: the payer has one by now.
   *
   * @param payer whose answer it is
   * @param outcome the body as JSON, an empty object where it is none
   * @param answer the body as it came
   * @throws TransferException {@link FailureReason#PAYER_REFUSED} if it names no job: asking again
   *     could start a job each time
   */
  public static JobReference ofAnswer(Payer payer, JsonNode outcome, byte[] answer) {
    String text = new String(answer, StandardCharsets.UTF_8);
    String jobId =
        ofOutcome(outcome)
            .or(() -> found(JOB_AND_MORE, text))
            .or(() -> text.stripLeading().startsWith("{") ? Optional.empty() : atTheEnd(text))
            .orElseThrow(
                () ->
                    new TransferException(
                        FailureReason.PAYER_REFUSED,
                        "the answer to the kick-off names no export job, neither in Content-Location nor in issue[].details.text"));
    return new JobReference(
        jobId,
        URI.create(payer.baseUrl() + "/bulk-data/r4/$export/job/" + PathSegment.encoded(jobId)));
  }

  private static Optional<String> ofOutcome(JsonNode outcome) {
    return StreamSupport.stream(outcome.path("issue").spliterator(), false)
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
}
