package org.payerexchange.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** Turns what the gateway's beans return or throw into the HTTP response. */
public final class Answers {

  /** Writes the {@link Answer} in the body. */
  public void write(Exchange exchange) throws JsonProcessingException {
    write(exchange.getMessage(), exchange.getMessage().getBody(Answer.class));
  }

  /** Writes the answer of the {@link GatewayRefusal} that ended the route. */
  public void refuse(Exchange exchange) throws JsonProcessingException {
    GatewayRefusal refusal = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, GatewayRefusal.class);
    write(exchange.getMessage(), refusal.answer());
  }

  private void write(Message message, Answer answer) throws JsonProcessingException {
    // Whatever is left among the headers would be sent back, the request's own included.
    message.removeHeaders("*");
    message.setHeader(Exchange.HTTP_RESPONSE_CODE, answer.status());
    answer.headers().forEach(message::setHeader);
    if (answer.body() == null) {
      message.setBody(new byte[0]);
    } else {
      message.setHeader(Exchange.CONTENT_TYPE, answer.contentType());
      message.setBody(Answer.MAPPER.writeValueAsBytes(answer.body()));
    }
  }
}
