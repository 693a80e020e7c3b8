package org.payerexchange.http;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.payerexchange.payer.Peer;

/**
 * Whether a payer answers at its base-url: one request for {@code metadata}, which needs no token
 * by FHIR's rules. A refusal is an answer, too.
 */
public final class PayerReach {
  private static final int PART = 206;
  private static final Set<Integer> ANSWERS =
      IntStream.range(200, 500)
          .filter(status -> status != PART)
          .boxed()
          .collect(Collectors.toUnmodifiableSet());

  private PayerReach() {}

  /**
   * The status of the answer, which is not read.
   *
   * @throws Exception what the call failed of: no answer, a 5xx, or a redirect to another host
   */
  public static int status(ProducerTemplate template, Peer payer) throws Exception {
    PayerRequest request =
        PayerRequest.live(
            RequestKind.PAGE,
            payer,
            URI.create(payer.baseUrl() + "/metadata"),
            false,
            Map.of("Accept", "application/fhir+json"),
            ANSWERS);
    Exchange call =
        template.request("direct:call-payer", exchange -> exchange.getMessage().setBody(request));
    if (call.getException() != null) {
      throw call.getException();
    }
    int status = call.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
    close(call.getMessage().getBody());
    return status;
  }

  private static void close(Object body) throws IOException {
    if (body instanceof AnswerBody answer) {
      answer.close();
    }
  }
}
