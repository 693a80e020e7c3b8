package org.payerexchange.boot;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.impl.event.ExchangeFailedEvent;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailureLogTest {
  @ParameterizedTest
  @CsvSource({"seda:work, true", "direct:request-token, false"})
  void whatAJavaCallerIsToldIsNotToldOnceMore(String from, boolean told) throws Exception {
    try (DefaultCamelContext context = new DefaultCamelContext();
        FailureLog log = new FailureLog()) {
      Exchange exchange = context.getEndpoint(from).createExchange();

      assertThat(log.isEnabled(new ExchangeFailedEvent(exchange))).isEqualTo(told);
    }
  }
}
