package org.payerexchange.http;

import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.apache.camel.util.IOHelper;

/**
 * Gives an answer up at the end of its exchange, should nobody have closed it. Camel would read an
 * abandoned body to its end instead, which takes as long as the rest of a large file.
 */
final class CloseWhenDone extends SynchronizationAdapter {
  private final AnswerBody body;

  CloseWhenDone(AnswerBody body) {
    this.body = body;
  }

  @Override
  public void onDone(Exchange exchange) {
    IOHelper.close(body);
  }
}
