package org.payerexchange.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.dialect.OneUp;

class JobStatusTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          200 | {"status": "Successful", "output": []}                     | SUCCESSFUL
          200 | {"status": "successful"}                                   | SUCCESSFUL
          200 | {"output": []}                                             | SUCCESSFUL
          200 | {"status": null, "output": []}                             | SUCCESSFUL
          200 | {"status": "Running", "output": []}                        | RUNNING
          200 | {"status": "Queued for tomorrow"}                          | RUNNING
          200 | {"status": "Ingesting"}                                    | RUNNING
          200 | {"status": "CANCEL_IN_PROGRESS"}                           | RUNNING
          200 | {"status": "on-hold"}                                      | RUNNING
          200 | {"status": "NotStarted"}                                   | RUNNING
          200 | {"status": "InProgress"}                                   | RUNNING
          200 | {"status": "IN_QUEUE"}                                     | RUNNING
          200 | {"status": "In process"}                                   | RUNNING
          200 | {"status": "In preparation", "output": []}                 | RUNNING
          200 | {"status": "Job in queue"}                                 | RUNNING
          200 | {"status": "Initialized"}                                  | RUNNING
          200 | {"status": "deferred"}                                     | RUNNING
          200 | {"status": "CompletedWithErrors"}                          | SUCCESSFUL
          200 | {"status": "TimedOut"}                                     | FAILED
          200 | {"status": "InError"}                                      | FAILED
          200 | {"status": "entered-in-error"}                             | UNKNOWN
          200 | {"status": "Fulfilled", "output": [{"url": "u"}]}          | UNKNOWN
          200 | {"status": "Archived"}                                     | UNKNOWN
          200 | {"status": 7}                                              | UNKNOWN
          202 | {"status": "Successful", "output": []}                     | RUNNING
          202 | {"status": "Successful", "output": [{"url": "u"}]}         | UNKNOWN
          202 | {"status": "Running", "output": [{"url": "u"}]}            | RUNNING
          202 | {"status": "Fulfilled"}                                    | RUNNING
          202 | {}                                                         | RUNNING
          200 | {"status": "Failed", "output": []}                         | FAILED
          202 | {"status": "CANCELLED"}                                    | FAILED
          200 | {"status": "Canceled"}                                     | FAILED
          200 | {}                                                         | UNREADABLE
          200 | {"output": null}                                           | UNREADABLE
          404 | {}                                                         | GONE
          410 | {"status": "Successful", "output": []}                     | GONE
          200 | {"resourceType": "OperationOutcome", "issue": [{"severity": "information"}]}               | RUNNING
          200 | {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "transient"}]} | TROUBLED
          202 | {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "transient"}]} | RUNNING
          200 | {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]} | REFUSED
          200 | {"resourceType": "OperationOutcome", "issue": [{"severity": "fatal"}]}                | REFUSED
          200 | {"transactionTime": "2026-11-20T10:00:00Z", "requiresAccessToken": false}              | SUCCESSFUL
          200 | {"requiresAccessToken": true, "error": []}                 | SUCCESSFUL
          204 | {}                                                         | UNREADABLE
          200 | {"status": "ready"}                                        | SUCCESSFUL
          200 | {"status": "Completed", "output": []}                      | SUCCESSFUL
          200 | {"status": "COMPLETED_WITH_ERRORS"}                        | SUCCESSFUL
          200 | {"status": "DONE"}                                         | SUCCESSFUL
          200 | {"status": "not ready"}                                    | RUNNING
          200 | {"status": "Incomplete"}                                   | RUNNING
          200 | {"status": "timed-out"}                                    | FAILED
          """)
  void statusAndBodyDecideTogether(int httpStatus, String body, JobStatus expected) {
    assertThat(status(httpStatus, body)).isEqualTo(expected);
  }

  private static JobStatus status(int httpStatus, String body) {
    try {
      StatusAnswer answer = StatusAnswer.mapper(20).readValue(body, StatusAnswer.class);
      return JobStatus.of(httpStatus, answer, new OneUp().report(answer.said()).word());
    } catch (JsonProcessingException e) {
      throw new AssertionError(body, e);
    }
  }
}
