package org.payerexchange.http;

import java.io.Closeable;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.apache.camel.util.IOHelper;

/**
 * Closes what an exchange reads from at the exchange's end, should nobody have closed it before.
 * Camel would read an abandoned HTTP body to its end instead, which takes as long as the rest of a
 * large file.
 */
public final class CloseWhenDone extends SynchronizationAdapter {
  private final Closeable source;

  private CloseWhenDone(Closeable source) {
    this.source = source;
  }

  /** Leaves the closing to the exchange; returns what is to be closed. */
  public static <T extends Closeable> T with(Exchange exchange, T source) {
    exchange.getExchangeExtension().addOnCompletion(new CloseWhenDone(source));
    return source;
  }

  @Override
  public void onDone(Exchange exchange) {
    IOHelper.close(source);
  }
}
