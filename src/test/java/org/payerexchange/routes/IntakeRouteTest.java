package org.payerexchange.routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.intake.IntakeResult;
import org.payerexchange.intake.IntakeSource;
import org.payerexchange.support.TestBundle;
import org.springframework.dao.DataAccessException;

/**
 * {@code direct:take-in-records} as the ops API calls it: who asks gets the rejections in the
 * answer.
 */
class IntakeRouteTest {
  private static final String FLAT =
      """
      {"memberId":"m-%d","given":"Ada","family":"%s","birthDate":"1980-04-05",\
      "coverageId":"cov-1","consentId":"consent-1","consentPolicy":"regular",\
      "consentStart":"2020-01-01","consentEnd":"2099-12-31"}
      """;

  @TempDir Path folder;
  private TestBundle bundle;

  @BeforeEach
  void start() throws Exception {
    bundle =
        TestBundle.in(folder)
            .payer("bison", "http://127.0.0.1:1")
            .routes(IntakeOnly.routesIn(folder))
            .start();
  }

  @AfterEach
  void stop() {
    bundle.close();
  }

  @Test
  void theCallerLearnsWhatBecameOfItsRecords() {
    StringBuilder records = new StringBuilder();
    for (int i = 0; i < 2450; i++) {
      records.append(FLAT.formatted(i, "Marlowe"));
    }
    records.append(FLAT.formatted(7, "Marlowe")).append(FLAT.formatted(8, ""));
    IntakeResult result = intake(records.toString()).getMessage().getBody(IntakeResult.class);
    assertThat(result.accepted()).isEqualTo(2451);
    assertThat(result.duplicates()).isEqualTo(1);
    assertThat(result.rejected()).isEqualTo(1);
    assertThat(result.taken()).hasSize(2451);
    assertThat(result.taken().get(2450).id()).isEqualTo(result.taken().get(7).id());
    assertThat(result.rejections())
        .singleElement()
        .satisfies(
            rejection -> {
              assertThat(rejection.number()).isEqualTo(2452);
              assertThat(rejection.reason()).isEqualTo("family is missing");
            });
  }

  @Test
  void theCallerLearnsThatTheLedgerIsAway() {
    bundle.jdbc().sql("ALTER TABLE transfer RENAME TO transfer_away").update();
    assertThat(intake(FLAT.formatted(1, "Marlowe")).getException())
        .hasCauseInstanceOf(DataAccessException.class);
  }

  private Exchange intake(String records) {
    return bundle
        .template()
        .request(
            "direct:take-in-records",
            exchange -> {
              exchange.setVariable("intakeSource", new IntakeSource("http", "bison", null));
              exchange.getMessage().setBody(new ByteArrayInputStream(records.getBytes(UTF_8)));
            });
  }
}
