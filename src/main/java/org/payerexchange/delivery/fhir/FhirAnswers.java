package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.http.HttpEntity;
import org.apache.http.HttpResponse;
import org.apache.http.HttpResponseInterceptor;
import org.apache.http.client.methods.HttpPost;
import org.apache.http.client.protocol.HttpClientContext;
import org.apache.http.entity.ByteArrayEntity;
import org.apache.http.entity.ContentType;
import org.apache.http.protocol.HttpContext;
import org.payerexchange.http.JsonLimits;

/**
 * Bounds the answers of the FHIR server before HAPI reads them: in bytes, and as JSON. Of a Bundle
 * only what became of its entries is kept, and of an OperationOutcome a share. HAPI parses the body
 * of a refusal by what its Content-Type says; here it always is JSON, so that XML is read nowhere.
 * A refusal counts by its status: a body that is too large is left out.
 */
final class FhirAnswers implements HttpResponseInterceptor {
  private static final byte[] NOTHING = {};

  private final AnswerLimits limits;

  FhirAnswers(AnswerLimits limits) {
    this.limits = limits;
  }

  /** What is not read to its end is not closed here: the client lets go of its connection. */
  @Override
  public void process(HttpResponse response, HttpContext context) throws IOException {
    HttpEntity entity = response.getEntity();
    if (entity == null) {
      return;
    }
    InputStream content = entity.getContent();
    byte[] body;
    if (response.getStatusLine().getStatusCode() / 100 != 2) {
      body = refusal(content);
    } else if (isToBundle(context)) {
      body = FhirJson.bytes(BundleAnswer.read(content, limits));
    } else {
      body = bounded(bytes(content));
    }
    ByteArrayEntity read = new ByteArrayEntity(body, ContentType.APPLICATION_JSON);
    response.setEntity(read);
    response.setHeader(read.getContentType());
  }

  private static boolean isToBundle(HttpContext context) {
    return HttpClientContext.adapt(context)
        .getRequest()
        .getRequestLine()
        .getMethod()
        .equals(HttpPost.METHOD_NAME);
  }

  private byte[] refusal(InputStream content) throws IOException {
    try {
      return bounded(BundleAnswer.refusal(bytes(content), limits));
    } catch (AnswerTooLarge tooLarge) {
      return NOTHING;
    }
  }

  private byte[] bytes(InputStream content) throws IOException {
    byte[] body = content.readNBytes(limits.bytes());
    if (content.read() >= 0) {
      throw new AnswerTooLarge(
          "is longer than %s bytes (p2p.http.max-answer-bytes)".formatted(limits.bytes()));
    }
    return body;
  }

  private static byte[] bounded(byte[] body) {
    try {
      JsonLimits.tokens(body);
    } catch (StreamConstraintsException tooMuch) {
      throw new AnswerTooLarge("is nested too deep, or has too many or too long JSON tokens");
    }
    return body;
  }
}
