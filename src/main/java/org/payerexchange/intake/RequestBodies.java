package org.payerexchange.intake;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** Reads the bodies of requests as their {@code Content-Type} and {@code Content-Encoding} say. */
public final class RequestBodies {
  private static final List<String> TYPES =
      List.of("application/json", "application/fhir+json", "application/x-ndjson", "text/csv");

  private final DeclaredBody declared;

  /**
   * Bounds what is unpacked.
   *
   * @param maxBytes the longest body that is taken, in bytes after unpacking
   */
  public RequestBodies(int maxBytes) {
    this.declared = new DeclaredBody(maxBytes);
  }

  /**
   * The records of a request, in UTF-8. A request that says no content type is taken, since the
   * records tell their form.
   *
   * @throws IntakeRefusal if the body is of another type, not what was declared, or declared in a
   *     way that is not known here
   */
  public byte[] open(Exchange exchange) throws IOException {
    Message message = exchange.getMessage();
    String type =
        IntakeSources.one(Exchange.CONTENT_TYPE, message.getHeader(Exchange.CONTENT_TYPE));
    if (type != null
        && !TYPES.contains(type.replaceAll(";.*", "").strip().toLowerCase(Locale.ROOT))) {
      throw new IntakeRefusal(
          IntakeRefusal.Kind.UNSUPPORTED,
          "has a Content-Type other than " + String.join(", ", TYPES));
    }
    InputStream body = message.getBody(InputStream.class);
    return declared.utf8(
        body == null ? new byte[0] : body.readAllBytes(),
        DeclaredBody.charsetOf(type),
        IntakeSources.one(Exchange.CONTENT_ENCODING, message.getHeader(Exchange.CONTENT_ENCODING)));
  }
}
