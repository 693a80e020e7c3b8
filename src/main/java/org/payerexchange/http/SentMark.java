package org.payerexchange.http;

import java.io.IOException;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;

/**
 * Marks a request that has a connection, through the proxy and with its TLS, and is written to it
 * next. Whatever fails before that has told the other side nothing.
 */
final class SentMark implements ExecChainHandler {
  private static final String NAME = SentMark.class.getName();

  @Override
  public ClassicHttpResponse execute(
      ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
      throws IOException, HttpException {
    scope.clientContext.setAttribute(NAME, true);
    return chain.proceed(request, scope);
  }

  static boolean isSet(HttpClientContext context) {
    return context.getAttribute(NAME) != null;
  }
}
