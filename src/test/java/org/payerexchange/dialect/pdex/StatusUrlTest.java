package org.payerexchange.dialect.pdex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

class StatusUrlTest {
  private static final String TEMPLATE = "$bulk-member-match-status/{jobId}";
  private static final URI BASE = URI.create("https://payer.example/fhir");

  @Test
  void contentLocationGoesBeforeTheBody() throws IOException {
    String recorded = "https://payer.example/fhir/$bulk-member-match-poll-status?_jobId=67e36987";

    assertThat(url(recorded, "{\"jobId\": \"7\"}", TEMPLATE)).isEqualTo(recorded);
    assertThat(url(" export/7 ", "{}", "")).isEqualTo("export/7");
  }

  @Test
  void aJobIdIsPutIntoThePayersTemplate() throws IOException {
    assertThat(url(null, "{\"jobId\": \"a-7\"}", TEMPLATE))
        .isEqualTo("https://payer.example/fhir/$bulk-member-match-status/a-7");
    assertThat(url("", "{\"jobId\": \"a-7\"}", "/export/{jobId}"))
        .isEqualTo("https://payer.example/fhir/export/a-7");
    assertThat(url(null, "{\"jobId\": \"a-7\"}", "https://jobs.example/{jobId}/status"))
        .isEqualTo("https://jobs.example/a-7/status");
    assertThat(
            url(
                null,
                "{\"resourceType\": \"Parameters\", \"parameter\": [{\"name\": \"jobId\", \"valueString\": \"a-7\"}]}",
                TEMPLATE))
        .isEqualTo("https://payer.example/fhir/$bulk-member-match-status/a-7");
  }

  @Test
  void parametersAndAnOutcomeMayHoldTheUrl() throws IOException {
    assertThat(
            url(
                null,
                "{\"resourceType\": \"Parameters\", \"parameter\": [{\"name\": \"Content-Location\", \"valueUri\": \"/fhir/job/7\"}]}",
                ""))
        .isEqualTo("/fhir/job/7");
    assertThat(
            url(
                null,
                "{\"resourceType\": \"OperationOutcome\", \"issue\": [{\"details\": {\"text\": \"Started: see https://inside.example/fhir/job/7.\"}}]}",
                TEMPLATE))
        .isEqualTo("https://inside.example/fhir/job/7");
    assertThat(
            url(
                null,
                "{\"issue\": [{\"diagnostics\": \"poll (https://inside.example/job?id=7)\"}]}",
                ""))
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
    assertThatThrownBy(() -> url(null, body, TEMPLATE))
        .isInstanceOfSatisfying(
            TransferException.class,
            failure -> assertThat(failure.reason()).isEqualTo(FailureReason.PAYER_REFUSED));
  }

  @Test
  void aJobIdIsOfNoUseWithoutATemplate() {
    assertThatThrownBy(() -> url(null, "{\"jobId\": \"7\"}", ""))
        .isInstanceOf(TransferException.class);
  }

  private static String url(String contentLocation, String body, String template)
      throws IOException {
    return StatusUrl.of(contentLocation, Cases.json(body), template, BASE);
  }
}
