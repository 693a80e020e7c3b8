package org.payerexchange.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLTransientConnectionException;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.BrokenOff;
import org.springframework.dao.DataAccessResourceFailureException;

/** What a caller is told of what the ledger could not do. */
class OpsAnswerTest {
  private final RuntimeException away =
      new DataAccessResourceFailureException("", new SQLTransientConnectionException());

  @Test
  void anActionThatTheDatabaseBrokeOffSaysHowFarItCameAndThatItCanBeSentAgain() {
    assertThat(error("POST", new BrokenOff(3, away)))
        .isEqualTo(
            "503 the ledger does not answer: see readiness; it is done to 3 transfers, perhaps to"
                + " one more: ask for the same again, what is done is not done twice");
    assertThat(error("POST", away))
        .isEqualTo(
            "503 the ledger does not answer: see readiness; all of this, a part or nothing may be"
                + " done: ask for the same again, what is done is not done twice");
  }

  @Test
  void whoOnlyLookedIsToldOfTheLedgerAlone() {
    assertThat(error("GET", away)).isEqualTo("503 the ledger does not answer: see readiness");
  }

  private static String error(String method, RuntimeException failure) {
    Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    exchange.getMessage().setHeader(Exchange.HTTP_METHOD, method);
    String words = new OpsAnswer().error(failure, exchange).get("error");
    return exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE) + " " + words;
  }
}
