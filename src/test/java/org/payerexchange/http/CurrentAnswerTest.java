package org.payerexchange.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.ExchangeHelper;
import org.junit.jupiter.api.Test;

class CurrentAnswerTest {
  private final AnswerRoom room = new AnswerRoom(1000, Duration.ofSeconds(1));
  private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());

  @Test
  void whoAsksAgainGivesUpTheAnswerBefore() throws IOException {
    AtomicBoolean closed = new AtomicBoolean();
    AnswerRoom.Share share = room.share("payer");
    share.take(900);
    CurrentAnswer.is(exchange, body(closed), share);

    CurrentAnswer.of(exchange).close();

    assertThat(closed).isTrue();
    room.share("other").take(500);
  }

  /** Downloads that begin side by side are copies of the exchange that has read the manifest. */
  @Test
  void aCopyLeavesTheAnswersOfOthersAlone() throws IOException {
    AtomicBoolean closed = new AtomicBoolean();
    CurrentAnswer.is(exchange, body(closed), room.share("payer"));
    Exchange copy = ExchangeHelper.createCorrelatedCopy(exchange, false);

    CurrentAnswer.of(copy).close();

    assertThat(closed).isFalse();
  }

  private static AnswerBody body(AtomicBoolean closed) {
    InputStream raw =
        new ByteArrayInputStream(new byte[] {'x'}) {
          @Override
          public void close() {
            closed.set(true);
          }
        };
    return new AnswerBody(raw, null, 100, Duration.ofMinutes(1), ContentCoding.NONE, false);
  }
}
