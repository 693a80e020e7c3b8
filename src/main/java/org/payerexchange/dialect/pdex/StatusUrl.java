package org.payerexchange.dialect.pdex;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.payerexchange.dialect.NamedJob;
import org.payerexchange.dialect.member.FhirJson;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * Where to ask for a job, read from the body of the answer that started it: what payers put there
 * instead of the {@code Content-Location} of the standard (FHIR Bulk Data Access 2, "Bulk Data
 * Kick-off Request"). The URL is as the payer wrote it; whether it may be called is for the caller
 * to check.
 */
final class StatusUrl {
  private static final String JOB_ID = "{jobId}";
  private static final int LONGEST_NAME = 100;

  /** Parameters that hold the URL; compared without case, dashes and underscores. */
  private static final Set<String> URL_PARAMETERS =
      Set.of("contentlocation", "location", "statusurl", "pollurl", "pollingurl", "url");

  /** Without what ends a sentence behind it. */
  private static final Pattern URL =
      Pattern.compile("https?://[^\\s\"'<>\\\\]*[^\\s\"'<>\\\\.,;)]");

  private StatusUrl() {}

  /**
   * The job.
   *
   * @param body the answer as JSON, an empty object where it is none
   * @param template where the payer has the status of a job whose id is all that it tells: a URL,
   *     or a path under its base URL, with <code>{jobId}</code> in it; empty for a payer that tells
   *     the URL
   * @param baseUrl the payer's, without a trailing slash
   * @throws TransferException {@link FailureReason#PAYER_REFUSED} if the answer names no job, or
   *     several: to ask again could start another
   */
  static NamedJob of(JsonNode body, String template, URI baseUrl) {
    return jobId(body)
        .filter(id -> template.contains(JOB_ID))
        .map(id -> new NamedJob(id, inTemplate(template.replace(JOB_ID, id), baseUrl)))
        .or(() -> one(parameters(body)))
        .or(() -> one(issues(body)))
        .orElseThrow(
            () ->
                new TransferException(
                    FailureReason.PAYER_REFUSED,
                    "the answer names no job, neither in Content-Location nor as jobId nor as a URL in its body"));
  }

  private static Optional<String> jobId(JsonNode body) {
    return Stream.concat(
            Stream.of(FhirJson.text(body, "jobId")),
            FhirJson.items(body.path("parameter"))
                .filter(parameter -> plain(parameter).equals("jobid"))
                .flatMap(StatusUrl::values))
        .filter(FhirJson::isId)
        .findFirst();
  }

  private static String inTemplate(String url, URI baseUrl) {
    return url.contains("://") ? url : baseUrl + "/" + url.replaceFirst("^/+", "");
  }

  private static Stream<String> parameters(JsonNode body) {
    return FhirJson.items(body.path("parameter"))
        .filter(parameter -> URL_PARAMETERS.contains(plain(parameter)))
        .flatMap(StatusUrl::values)
        .filter(value -> value.contains("/") && value.chars().noneMatch(Character::isWhitespace));
  }

  private static Stream<String> issues(JsonNode body) {
    return FhirJson.items(body.path("issue"))
        .flatMap(
            issue ->
                Stream.of(
                    FhirJson.text(issue.path("details"), "text"),
                    FhirJson.text(issue, "diagnostics")))
        .flatMap(text -> URL.matcher(text).results().map(MatchResult::group));
  }

  /** A body that names two could mean either. */
  private static Optional<NamedJob> one(Stream<String> urls) {
    List<String> distinct = urls.distinct().limit(2).toList();
    return distinct.size() == 1
        ? Optional.of(new NamedJob(null, distinct.get(0)))
        : Optional.empty();
  }

  private static String plain(JsonNode parameter) {
    String name = FhirJson.text(parameter, "name");
    return name.length() > LONGEST_NAME ? "" : name.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
  }

  private static Stream<String> values(JsonNode parameter) {
    return Stream.of("valueString", "valueUri", "valueUrl", "valueId")
        .map(name -> FhirJson.text(parameter, name))
        .filter(value -> !value.isEmpty());
  }
}
