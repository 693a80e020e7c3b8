package org.payerexchange.sandbox;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** DocumentReferences, and what their attachments lead to, which goes wrong in part. */
final class Documents implements Handler<RoutingContext> {
  /** Where they are, below the base URL. */
  static final String FOLDER = "bulk-data/r4/$export/file/documents/";

  private static final String REFERENCE = "DocumentReference";
  private static final String TYPE = "text/plain";
  private static final byte[] SMALL = "a small document\n".getBytes(US_ASCII);
  private static final byte[] LARGE = "a large document\n".repeat(100_000).getBytes(US_ASCII);
  private static final Map<String, byte[]> SERVED =
      Map.of("small", SMALL, "large", LARGE, "another-hash", LARGE);

  private final TokenServer tokens;

  Documents(TokenServer tokens) {
    this.tokens = tokens;
  }

  /** A file with one each: small, large, with another hash, too old, and at another host. */
  static Content file(List<ObjectNode> references) {
    return StoredContent.of(REFERENCE, references, true);
  }

  /** One each, of a member whom nothing names. */
  static List<ObjectNode> references() {
    return List.of(
        reference("small", FOLDER + "small", SMALL),
        reference("large", FOLDER + "large", LARGE),
        reference("another-hash", FOLDER + "another-hash", SMALL),
        reference("expired", FOLDER + "expired", SMALL),
        reference("elsewhere", "https://elsewhere.example/document", SMALL));
  }

  /** The same of a Patient. */
  static List<ObjectNode> references(String patientId) {
    List<ObjectNode> references = references();
    for (ObjectNode each : references) {
      GroupHistory.categorize(
          each.put("id", each.path("id").asText() + '-' + patientId), "clinical-note");
      GroupHistory.refer(each, "subject", "Patient/" + patientId);
    }
    return references;
  }

  /** The same as entries of the Patient's record. */
  static Stream<PatientRecord.Entry> entries(String patientId) {
    return references(patientId).stream()
        .map(each -> new PatientRecord.Entry(REFERENCE, LinePattern.updated(0), each::toString));
  }

  private static ObjectNode reference(String id, String url, byte[] content) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.put("resourceType", REFERENCE).put("id", "document-" + id).put("status", "current");
    ObjectNode attachment =
        document
            .putArray("content")
            .addObject()
            .putObject("attachment")
            .put("contentType", TYPE)
            .put("url", url)
            .put("hash", sha1(content));
    if (!id.equals("another-hash")) {
      attachment.put("size", content.length);
    }
    return document;
  }

  private static String sha1(byte[] content) {
    try {
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(content));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JVM has SHA-1", impossible);
    }
  }

  @Override
  public void handle(RoutingContext context) {
    byte[] content = SERVED.get(context.pathParam("document"));
    boolean known =
        tokens.isGood(
            context.request().getHeader("Authorization"),
            context.request().getHeader(ClientCertificate.HEADER));
    if (known && content != null) {
      context.response().putHeader("Content-Type", TYPE).end(Buffer.buffer(content));
      return;
    }
    context
        .response()
        .setStatusCode(known ? 410 : 401)
        .putHeader("Content-Type", Answer.FHIR)
        .end(
            OperationOutcomes.error(known ? "expired" : "login", "The document cannot be had")
                .toString());
  }
}
