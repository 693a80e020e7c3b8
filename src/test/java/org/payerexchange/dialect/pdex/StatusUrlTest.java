package org.payerexchange.dialect.pdex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

class StatusUrlTest {
  private static final String TEMPLATE = "$bulk-member-match-status/{jobId}";
  private static final URI BASE = URI.create("https://payer.example/fhir");

  @Test
  void aJobIdIsPutIntoThePayersTemplate() throws IOException {
    assertThat(url("{\"jobId\": \"a-7\"}", TEMPLATE))
        .isEqualTo("https://payer.example/fhir/$bulk-member-match-status/a-7");
    assertThat(url("{\"jobId\": \"a-7\"}", "/export/{jobId}"))
        .isEqualTo("https://payer.example/fhir/export/a-7");
    assertThat(url("{\"jobId\": \"a-7\"}", "https://jobs.example/{jobId}/status"))
        .isEqualTo("https://jobs.example/a-7/status");
    assertThat(
            url(
                "{\"resourceType\": \"Parameters\", \"parameter\": [{\"name\": \"jobId\", \"valueString\": \"a-7\"}]}",
                TEMPLATE))
        .isEqualTo("https://payer.example/fhir/$bulk-member-match-status/a-7");
  }

  @Test
  void parametersAndAnOutcomeMayHoldTheUrl() throws IOException {
    assertThat(
            url(
                "{\"resourceType\": \"Parameters\", \"parameter\": [{\"name\": \"Content-Location\", \"valueUri\": \"/fhir/job/7\"}]}",
                ""))
        .isEqualTo("/fhir/job/7");
    assertThat(
            url(
                "{\"resourceType\": \"OperationOutcome\", \"issue\": [{\"details\": {\"text\": \"Started: see https://inside.example/fhir/job/7.\"}}]}",
                TEMPLATE))
        .isEqualTo("https://inside.example/fhir/job/7");
    assertThat(
            url("{\"issue\": [{\"diagnostics\": \"poll (https://inside.example/job?id=7)\"}]}", ""))
        .isEqualTo("https://inside.example/job?id=7");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"jobId\": \"\"}",
        "{\"jobId\": \"..\"}",
        "{\"jobId\": \"a/../../b\"}",
        "{\"jobId\": \"a?b\"}",
        "{\"jobId\": 7}",
        "{\"issue\": [{\"diagnostics\": \"a job was started\"}]}",
        "{\"issue\": [{\"diagnostics\": \"https://a.example/1\"}, {\"diagnostics\": \"https://a.example/2\"}]}",
        "{\"parameter\": [{\"name\": \"status\", \"valueString\": \"progress:1/2\"}]}",
        "{\"parameter\": [{\"name\": \"url\", \"valueString\": \"see page 1/2\"}]}",
        "{\"parameter\": [{\"name\": \"url\", \"valueUri\": \"/a\"}, {\"name\": \"url\", \"valueUri\": \"/b\"}]}"
      })
  void whatNamesNoJobOrTwoIsRefused(String body) {
    assertThatThrownBy(() -> url(body, TEMPLATE))
        .isInstanceOfSatisfying(
            TransferException.class,
            failure -> assertThat(failure.reason()).isEqualTo(FailureReason.PAYER_REFUSED));
  }

  /** What took time by the square of its length would take many minutes here. */
  @Test
  void theLongestTextIsReadInOnePass() {
    String url = "https://a.example/" + ")".repeat((1 << 20) - 100) + "x";
    String body = "{\"issue\": [{\"diagnostics\": \"see " + url + ".\"}]}";
    assertThat(assertTimeoutPreemptively(Duration.ofMinutes(1), () -> url(body, "")))
        .isEqualTo(url);
  }

  /** Java writes these in small letters by the square of their number. */
  @Test
  void theLongestNameIsReadInOnePass() {
    String body =
        "{\"parameter\": [{\"name\": \"%s\"}, {\"name\": \"url\", \"valueUri\": \"/job/7\"}]}"
            .formatted("Σ".repeat(1 << 19));
    assertThat(assertTimeoutPreemptively(Duration.ofMinutes(1), () -> url(body, "")))
        .isEqualTo("/job/7");
  }

  @Test
  void aJobIdIsOfNoUseWithoutATemplate() {
    assertThatThrownBy(() -> url("{\"jobId\": \"7\"}", "")).isInstanceOf(TransferException.class);
  }

  private static String url(String body, String template) throws IOException {
    return StatusUrl.of(Cases.json(body), template, BASE).statusUrl();
  }
}
