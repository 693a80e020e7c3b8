package org.payerexchange.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Set;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.JobReference;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.payer.Payer;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.payerexchange.support.PlainPayer;

class ContentLocationTest {
  private static final Payer BISON =
      PlainPayer.of(
          "bison",
          URI.create("https://gateway.1up.health/v1/bison"),
          URI.create("https://gateway.1up.health/token"),
          "id",
          "secret",
          "member-match|read",
          Set.of("gateway.1upcoredev.com"),
          Set.of(),
          new OneUp(),
          8);

  private static final String STATUS =
      "https://gateway.1up.health/v1/bison/bulk-data/r4/$export/job/";

  private static final URI KICK_OFF =
      URI.create("https://gateway.1up.health/v1/bison/bulk-data/r4/Group/g1/$export");

  @Test
  void aContentLocationIsCalledAsItIsQueryIncluded() {
    String url = STATUS + "9?tenant=b&x=$y";

    JobReference job = ContentLocation.job(BISON, KICK_OFF, url);

    assertThat(job).isEqualTo(new JobReference("9", URI.create(url)));
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/bison/$export/job/a1/, a1",
    "/v1/bison/export/a1/status, a1",
    "/v1/bison/$export-poll-status?_jobId=a1, a1",
    "/v1/bison/$export-poll-status?x=1&job=a1&y=2, a1",
    "/v1/bison/Group/g1/$export-poll-status,",
    "/v1/bison/bulkstatus?ticket=a1,",
    "/v1/bison/$export/job/a1?tenant=b, a1",
  })
  void aJobIdIsTheJobsAndNotThatOfAPathThatJobsShare(String url, String jobId) {
    JobReference job = ContentLocation.job(BISON, KICK_OFF, url);

    assertThat(job.jobId()).isEqualTo(jobId);
    assertThat(job.statusUrl()).hasToString("https://gateway.1up.health" + url);
  }

  @ParameterizedTest
  @CsvSource({
    "../../$export/job/a1, /v1/bison/bulk-data/r4/$export/job/a1",
    "status/a1, /v1/bison/bulk-data/r4/Group/g1/status/a1",
    "?_jobId=a1, /v1/bison/bulk-data/r4/Group/g1/$export?_jobId=a1"
  })
  void aContentLocationIsRelativeToWhatWasAsked(String location, String called) {
    assertThat(ContentLocation.job(BISON, KICK_OFF, location))
        .isEqualTo(new JobReference("a1", URI.create("https://gateway.1up.health" + called)));
  }

  @Test
  void aContentLocationOnAnAliasHostIsReachedAtTheBaseUrl() {
    JobReference job =
        ContentLocation.job(
            BISON, KICK_OFF, "https://gateway.1upcoredev.com/v1/bison/bulk-data/r4/$export/job/9");

    assertThat(job.statusUrl()).hasToString(STATUS + "9");
  }

  @Test
  void aContentLocationOnAForeignHostIsRefused() {
    assertThatThrownBy(() -> ContentLocation.job(BISON, KICK_OFF, "https://evil.example/job/9"))
        .asInstanceOf(InstanceOfAssertFactories.type(TransferException.class))
        .extracting(TransferException::reason)
        .isEqualTo(FailureReason.FOREIGN_HOST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://[broken/job/9", "https://gateway.1up.health/%zz"})
  void aContentLocationThatIsNoUrlIsNotTriedAgain(String contentLocation) {
    assertThatThrownBy(() -> ContentLocation.job(BISON, KICK_OFF, contentLocation))
        .asInstanceOf(InstanceOfAssertFactories.type(TransferException.class))
        .extracting(TransferException::reason)
        .isEqualTo(FailureReason.PAYER_REFUSED);
  }

  @Test
  void aContentLocationThatEndsWithoutAPlainIdStillLeadsToTheJob() {
    assertThat(ContentLocation.job(BISON, KICK_OFF, STATUS + "a%2Fb/"))
        .isEqualTo(new JobReference(null, URI.create(STATUS + "a%2Fb/")));
  }

  @Test
  void aUrlThatTheLedgerCannotKeepIsRefused() {
    assertThatThrownBy(
            () -> ContentLocation.job(BISON, KICK_OFF, STATUS + "?signature=" + "x".repeat(4000)))
        .asInstanceOf(InstanceOfAssertFactories.type(TransferException.class))
        .extracting(TransferException::reason)
        .isEqualTo(FailureReason.PAYER_REFUSED);
  }
}
