package org.payerexchange.http;

import java.util.HashSet;
import java.util.Set;
import org.apache.camel.http.base.HttpHeaderFilterStrategy;

/** Lets {@code Cache-Control} pass, which a request for a job of its own has. */
public final class RequestHeaders extends HttpHeaderFilterStrategy {
  /** The bean {@code requestHeaders}. */
  public RequestHeaders() {
    Set<String> kept = new HashSet<>(getOutFilter());
    kept.remove("cache-control");
    setOutFilter(kept);
  }
}
