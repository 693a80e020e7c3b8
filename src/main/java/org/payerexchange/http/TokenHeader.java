package org.payerexchange.http;

import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.payerexchange.auth.AccessToken;

/** Adds the token that {@code enrich} fetched to the request that waits for it. */
public final class TokenHeader implements AggregationStrategy {
  @Override
  public Exchange aggregate(Exchange request, Exchange provided) {
    AccessToken token = provided.getMessage().getBody(AccessToken.class);
    request.getMessage().getBody(PayerCall.class).use(token);
    request.getMessage().setHeader("Authorization", "Bearer " + token.value());
    return request;
  }
}
