package org.payerexchange.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.store.Claims;
import org.payerexchange.ledger.store.Leases;
import org.payerexchange.ledger.store.TransferLedger;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.payerexchange.support.PlainRecord;
import org.payerexchange.support.TestBundle;

/** What {@code routes/errors.camel.yaml} makes of a step that ends with an exception. */
class FailedStepsTest {
  @TempDir Path folder;

  private TestBundle bundle;

  @BeforeEach
  void startWithoutStages() throws Exception {
    Path routes = Files.createDirectory(folder.resolve("routes"));
    for (String name : List.of("beans", "errors", "payer-call")) {
      String file = name + ".camel.yaml";
      Files.copy(Path.of("routes", file), routes.resolve(file));
    }
    bundle = TestBundle.in(folder).routes(routes).payer("bison", "http://127.0.0.1:1").start();
    bundle
        .context()
        .addRoutes(
            new RouteBuilder() {
              @Override
              public void configure() {
                from("direct:break")
                    .routeConfigurationId("step-errors")
                    .process(
                        exchange -> {
                          throw exchange.getMessage().getBody(Exception.class);
                        });
              }
            });
  }

  @AfterEach
  void stop() {
    bundle.close();
  }

  @Test
  void theReasonCountsAndNotWhatItWasCausedBy() {
    breakWith(new TransferException(FailureReason.PAYER_REFUSED, "no", new IOException("Erika")));

    assertThat(transfer())
        .containsEntry("state", "FAILED")
        .containsEntry("reason", "PAYER_REFUSED")
        .containsEntry("detail", "no");
  }

  @Test
  void anotherExceptionIsToldWithoutItsWords() {
    breakWith(new IllegalStateException("Erika Mustermann"));

    assertThat(transfer()).containsEntry("state", "FAILED").containsEntry("reason", "INTERNAL");
    assertThat(transfer().get("detail").toString()).doesNotContain("Erika");
  }

  @ParameterizedTest
  @EnumSource(names = {"PAYER_BUSY", "PAYER_UNAVAILABLE"})
  void whatCanPassIsDueAgainAndAPayerThatAsksForAPauseIsHeld(FailureReason reason) {
    breakWith(
        new TransferException(reason, "later").withRetryAfter(Optional.of(Duration.ofHours(1))));

    assertThat(transfer()).containsEntry("state", "RECEIVED");
    assertThat(bundle.number("SELECT attempts FROM step")).isEqualTo(1);
    assertThat(
            bundle
                .jdbc()
                .sql(
                    "SELECT COUNT(*) FROM payer_gate"
                        + " WHERE payer = 'bison' AND held_until > CURRENT_TIMESTAMP")
                .query(Integer.class)
                .single())
        .isEqualTo(1);
  }

  @Test
  void aLostLeaseChangesNothing() {
    breakWith(new TransferException(FailureReason.LEASE_LOST, "another node has it"));

    assertThat(transfer()).containsEntry("state", "RECEIVED");
    assertThat(bundle.number("SELECT attempts FROM step")).isZero();
  }

  private void breakWith(Exception failure) {
    TransferLedger ledger = bundle.bean("transferLedger", TransferLedger.class);
    ledger.register(List.of(PlainRecord.of("test", 1, "r-1", "bison", "0".repeat(64), "{}", null)));
    TransferClaim claim = new Claims(bundle.bean("leases", Leases.class)).claimForMatch(1).get(0);
    assertThat(
            bundle
                .template()
                .send(
                    "direct:break",
                    exchange -> {
                      exchange.setVariable("claim", claim);
                      exchange.getMessage().setBody(failure);
                    })
                .getException())
        .isNull();
  }

  private Map<String, Object> transfer() {
    return bundle.jdbc().sql("SELECT * FROM transfer").query().singleRow();
  }
}
