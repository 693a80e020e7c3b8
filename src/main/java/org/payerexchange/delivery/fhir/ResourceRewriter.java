package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.payerexchange.payer.Payer;

/**
 * Makes a payer's resource one of the FHIR server's: its stable id ({@link StableIds}), references
 * to match ({@link SourceReference}), {@code meta.source} with the payer's base URL and tags with
 * payer and transfer. What the payer's server said of version and update is dropped. One
 * transfer's; not thread-safe.
 */
final class ResourceRewriter {
  /** The system of the tag that names the source payer. */
  static final String PAYER_SYSTEM = "urn:payer-exchange:payer";

  /** The system of the tag that names the transfer. */
  static final String TRANSFER_SYSTEM = "urn:payer-exchange:transfer";

  private static final String URI_SYSTEM = "urn:ietf:rfc:3986";
  private static final Pattern BINARY = Pattern.compile("Binary/([A-Za-z0-9.-]{1,64})");

  private final Payer payer;
  private final String transferId;
  private final StableIds ids;
  private final TransferIds known;

  /**
   * For one transfer.
   *
   * @param known the ids that the transfer's files hold
   */
  ResourceRewriter(Payer payer, String transferId, TransferIds known) {
    this.payer = payer;
    this.transferId = transferId;
    this.ids = new StableIds(payer.id());
    this.known = known;
  }

  /**
   * Rewrites one line of an output file.
   *
   * @throws IOException if it cannot be read
   */
  FhirEntry rewrite(String file, long line, byte[] json) throws IOException {
    if (!(FhirJson.read(json) instanceof ObjectNode resource)) {
      throw new IOException("not a JSON object");
    }
    String type = resource.path("resourceType").asText();
    String former = resource.path("id").asText("");
    String id = former.isBlank() ? ids.ofContent(json) : ids.of(former);
    resource.put("id", id);
    tag(resource);
    List<FhirEntry.Link> links = new ArrayList<>();
    rewriteReferences(resource, links);
    return FhirEntry.put(file, line, type + "/" + id, resource, links);
  }

  /** Marks a resource as one of this payer and transfer. */
  void tag(ObjectNode resource) {
    ObjectNode meta = resource.withObjectProperty("meta");
    meta.remove(List.of("versionId", "lastUpdated"));
    meta.put("source", payer.baseUrl().toString());
    ArrayNode tags = meta.withArrayProperty("tag");
    tags.addObject().put("system", PAYER_SYSTEM).put("code", payer.id());
    tags.addObject().put("system", TRANSFER_SYSTEM).put("code", transferId);
  }

  private void rewriteReferences(JsonNode node, List<FhirEntry.Link> links) {
    if (node instanceof ObjectNode object) {
      JsonNode reference = object.get("reference");
      if (reference != null && reference.isTextual()) {
        rewrite(object, reference.asText(), links);
      }
      JsonNode url = object.get("url");
      if (url != null && url.isTextual()) {
        rewriteAttachment(object, url.asText());
      }
    }
    for (JsonNode child : node) {
      if (child.isContainerNode()) {
        rewriteReferences(child, links);
      }
    }
  }

  private void rewrite(ObjectNode reference, String text, List<FhirEntry.Link> links) {
    SourceReference source = SourceReference.of(text, payer);
    switch (source.kind()) {
      case OWN -> {
        String target = source.type() + "/" + ids.of(source.id());
        boolean certain = known.holds(source.type(), source.id());
        String former = source.type() + "/" + source.id();
        reference.put("reference", target);
        links.add(
            new FhirEntry.Link(reference, target, certain, payer.baseUrl().toString(), former));
      }
      case UNUSABLE -> {
        reference.remove("reference");
        if (!reference.has("identifier")) {
          reference.putObject("identifier").put("system", URI_SYSTEM).put("value", text);
        }
      }
      case INSIDE, ELSEWHERE -> {}
    }
  }

  /** The one reference that is no Reference: an Attachment's relative URL of a Binary. */
  private void rewriteAttachment(ObjectNode attachment, String url) {
    Matcher binary = BINARY.matcher(url);
    if (binary.matches()) {
      attachment.put("url", "Binary/" + ids.of(binary.group(1)));
    }
  }
}
