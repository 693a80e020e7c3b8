package org.payerexchange.http;

import java.io.IOException;

/** No byte of a step's only request has left: there was no connection to send it on. */
final class NothingSent extends IOException {
  private static final long serialVersionUID = 1L;

  NothingSent(IOException why) {
    super("nothing was sent", why);
  }
}
