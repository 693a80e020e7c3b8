package org.payerexchange.http;

import java.io.Closeable;
import java.io.IOException;
import org.apache.camel.Exchange;

/**
 * The answer that an exchange has in hand. One that asks again has read what it was answered
 * before, so that a step with a thousand pages takes no more memory than one with a single page.
 */
final class CurrentAnswer implements Closeable {
  private static final String PROPERTY = "Payer-Exchange-Answer";

  private final String exchangeId;
  private Closeable body = () -> {};
  private Closeable share = () -> {};

  private CurrentAnswer(String exchangeId) {
    this.exchangeId = exchangeId;
  }

  /** That of an exchange, closed with it; copies of the exchange have their own. */
  static CurrentAnswer of(Exchange exchange) {
    CurrentAnswer known = exchange.getProperty(PROPERTY, CurrentAnswer.class);
    if (known != null && known.exchangeId.equals(exchange.getExchangeId())) {
      return known;
    }
    CurrentAnswer none = CloseWhenDone.with(exchange, new CurrentAnswer(exchange.getExchangeId()));
    exchange.setProperty(PROPERTY, none);
    return none;
  }

  /** Takes another one in hand. */
  AnswerBody is(AnswerBody nowBody, AnswerRoom.Share nowShare) {
    body = nowBody;
    share = nowShare;
    return nowBody;
  }

  /** Gives up what is left of it, and the memory that it took. */
  @Override
  public void close() throws IOException {
    try (Closeable room = share) {
      body.close();
    }
  }
}
