package org.payerexchange.http;

import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpRequestInterceptor;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * Sends path and query byte for byte, as a signed URL needs it. camel-http encodes some legal
 * characters on the way, so the target travels beside it, in a header that goes no further.
 */
final class ExactTarget implements HttpRequestInterceptor {
  static final String HEADER = "Payer-Exchange-Target";

  @Override
  public void process(HttpRequest request, EntityDetails entity, HttpContext context) {
    Header target = request.getFirstHeader(HEADER);
    if (target != null) {
      request.removeHeaders(HEADER);
      request.setPath(target.getValue());
    }
  }
}
