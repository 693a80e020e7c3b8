package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.http.HttpEntity;
import org.apache.http.HttpResponse;
import org.apache.http.HttpResponseInterceptor;
import org.apache.http.entity.ByteArrayEntity;
import org.apache.http.entity.ContentType;
import org.apache.http.protocol.HttpContext;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * Bounds the answers of the FHIR server before HAPI reads them: in bytes, and as JSON. HAPI parses
 * the body of a refusal by what its Content-Type says; here it always is JSON, so that XML is read
 * nowhere.
 */
final class FhirAnswers implements HttpResponseInterceptor {
  private final int maxBytes;

  FhirAnswers(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  @Override
  public void process(HttpResponse response, HttpContext context) throws IOException {
    HttpEntity entity = response.getEntity();
    if (entity == null) {
      return;
    }
    byte[] body;
    try (InputStream content = entity.getContent()) {
      body = content.readNBytes(maxBytes);
      if (content.read() >= 0) {
        throw tooLarge("is longer than %s bytes (p2p.http.max-answer-bytes)".formatted(maxBytes));
      }
      JsonLimits.tokens(body);
    } catch (StreamConstraintsException tooMuch) {
      throw tooLarge("is nested too deep, or has too many or too long JSON tokens");
    }
    ByteArrayEntity read = new ByteArrayEntity(body, ContentType.APPLICATION_JSON);
    response.setEntity(read);
    response.setHeader(read.getContentType());
  }

  private static TransferException tooLarge(String what) {
    return new TransferException(
        FailureReason.SINK_UNAVAILABLE, "the FHIR server's answer " + what);
  }
}
