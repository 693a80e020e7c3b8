package org.payerexchange.http;

import java.io.Closeable;
import java.io.IOException;
import org.apache.camel.Exchange;
import org.apache.camel.component.http.HttpProducer;
import org.apache.camel.spi.Synchronization;
import org.apache.camel.support.DefaultExchange;

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

  /**
   * Takes another one in hand, before anything of it is read. Camel would keep each answer until
   * the exchange is done, and read it to its end then.
   */
  static AnswerBody is(Exchange exchange, AnswerBody nowBody, AnswerRoom.Share nowShare) {
    CurrentAnswer current = of(exchange);
    current.body = nowBody;
    current.share = nowShare;
    if (exchange.getUnitOfWork() != null) {
      Exchange nobody = new DefaultExchange(exchange.getContext());
      exchange.getUnitOfWork().handoverSynchronization(nobody, CurrentAnswer::closesAnswer);
    }
    return nowBody;
  }

  private static boolean closesAnswer(Synchronization work) {
    return work.getClass().getEnclosingClass() == HttpProducer.class;
  }

  /** Gives up what is left of it, and the memory that it took. */
  @Override
  public void close() throws IOException {
    try (Closeable room = share) {
      body.close();
    }
  }
}
