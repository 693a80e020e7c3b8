package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.payerexchange.files.BinaryIds;
import org.payerexchange.payer.LiteralReference;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.PayerUrls;

/**
 * Makes a payer's resource one of the FHIR server's: its stable id ({@link StableIds}), links to
 * match ({@link SourceReference}), {@code meta.source} with the payer's base URL and a tag with the
 * payer, so that the same resource is the same whenever it comes. What the payer's server said of
 * version and update is dropped, and whatever is said under our own systems. One transfer's; not
 * thread-safe.
 */
final class ResourceRewriter {
  /** The system of the tag that names the source payer. */
  static final String PAYER_SYSTEM = "urn:payer-exchange:payer";

  private static final String BINARY = "Binary";
  private static final String URI_SYSTEM = "urn:ietf:rfc:3986";
  private static final Set<String> EXTENSIONS = Set.of("extension", "modifierExtension");

  /**
   * Beyond it a decimal is no measure of anything, but may fill a memory when it is written out.
   */
  private static final int LARGEST_EXPONENT = 1_000;

  private final Payer payer;
  private final ServerBase server;
  private final StableIds ids;
  private final TransferIds known;
  private final FhirTypes types;

  /**
   * For one transfer.
   *
   * @param server where the resources go
   * @param known the ids that the transfer's files hold
   * @param types which of them are sent
   */
  ResourceRewriter(Payer payer, ServerBase server, TransferIds known, FhirTypes types) {
    this.payer = payer;
    this.server = server;
    this.ids = new StableIds(payer.id());
    this.known = known;
    this.types = types;
  }

  /**
   * Rewrites one line of an output file.
   *
   * @param resource the line's, which is changed
   * @param json the line
   * @throws IOException if it holds a number of absurd size
   */
  FhirEntry rewrite(String file, long line, ObjectNode resource, byte[] json) throws IOException {
    String type = resource.path("resourceType").asText();
    String former = resource.path("id").asText("");
    String id = former.isBlank() ? ids.ofContent(json) : ids.of(former);
    resource.put("id", id);
    Links links = new Links();
    links.follow(resource, type);
    mark(resource, payer);
    return FhirEntry.put(file, line, type + "/" + id, resource, links.found, links.cut);
  }

  /** Marks a resource as one of a payer's. */
  static void mark(ObjectNode resource, Payer payer) {
    ObjectNode meta = resource.withObjectProperty("meta");
    meta.remove(List.of("versionId", "lastUpdated"));
    meta.put("source", payer.baseUrl().toString());
    meta.withArrayProperty("tag").addObject().put("system", PAYER_SYSTEM).put("code", payer.id());
  }

  /** Walks through one resource. */
  private final class Links {
    private final List<FhirEntry.Link> found = new ArrayList<>();
    private int cut;

    /**
     * Goes on with the elements of an object, without those that are ours alone.
     *
     * @param name the element's that the object is
     */
    private void follow(ObjectNode object, String name) throws IOException {
      Iterator<Map.Entry<String, JsonNode>> fields = object.properties().iterator();
      while (fields.hasNext()) {
        Map.Entry<String, JsonNode> field = fields.next();
        if (isOurs(field.getKey(), field.getValue())) {
          fields.remove();
        }
      }
      JsonNode reference = object.get(FhirEntry.Link.REFERENCE);
      if (reference != null && reference.isTextual()) {
        reference(object, reference.textValue());
      }
      JsonNode url = object.get(FhirEntry.Link.URL);
      // neither the canonical URL of a resource nor the name of an extension is a link
      if (url != null
          && url.isTextual()
          && !object.has("resourceType")
          && !EXTENSIONS.contains(name)) {
        attachment(object, url.textValue());
      }
    }

    /** Follows an element, or an item of a list; whether it, or all of it, is ours alone. */
    private boolean isOurs(String name, JsonNode element) throws IOException {
      if (element instanceof ObjectNode object) {
        if (OwnSystems.mark(object)) {
          return true;
        }
        follow(object, name);
      } else if (element instanceof ArrayNode list && !list.isEmpty()) {
        for (Iterator<JsonNode> items = list.elements(); items.hasNext(); ) {
          if (isOurs(name, items.next())) {
            items.remove();
          }
        }
        return list.isEmpty();
      } else if (element.isBigDecimal()
          && Math.abs((long) element.decimalValue().scale()) > LARGEST_EXPONENT) {
        throw new IOException("a number of absurd size");
      }
      return false;
    }

    private void reference(ObjectNode reference, String text) {
      SourceReference source = SourceReference.of(text, payer, server);
      switch (source.kind()) {
        case OWN -> lead(reference, source.type(), source.id());
        case UNTYPED -> find(reference, source.id(), text);
        case SEARCHED -> identify(reference, source);
        case UNUSABLE -> cut(reference, text);
        case INSIDE, TRUSTED, ELSEWHERE -> {}
      }
    }

    private void find(ObjectNode reference, String id, String text) {
      String announced = reference.path("type").asText();
      for (String each : List.of(id, id.toLowerCase(Locale.ROOT))) {
        Optional<String> type =
            known.holds(announced, each) ? Optional.of(announced) : known.typeOf(each);
        if (type.isPresent()) {
          lead(reference, type.get(), each);
          return;
        }
      }
      cut(reference, text);
    }

    private void lead(ObjectNode reference, String type, String id) {
      link(reference, FhirEntry.Link.REFERENCE, type, id, type + "/" + id);
    }

    private void link(ObjectNode holder, String field, String type, String id, String former) {
      String target = type + "/" + ids.of(id);
      holder.put(field, target);
      boolean certain = types.take(type) && known.holds(type, id);
      found.add(
          new FhirEntry.Link(holder, field, target, certain, payer.baseUrl().toString(), former));
    }

    private void identify(ObjectNode reference, SourceReference source) {
      reference.remove(FhirEntry.Link.REFERENCE);
      if (!reference.has("type")) {
        reference.put("type", source.type());
      }
      if (!reference.has("identifier")) {
        ObjectNode identifier = reference.putObject("identifier");
        if (source.system() != null) {
          identifier.put("system", source.system());
        }
        identifier.put("value", source.id());
      }
    }

    private void cut(ObjectNode reference, String text) {
      cut++;
      reference.remove(FhirEntry.Link.REFERENCE);
      if (!reference.has("identifier")) {
        reference.putObject("identifier").put("system", URI_SYSTEM).put("value", text);
      }
    }

    /**
     * The id of the Binary that a URL leads to: the one that was fetched from there, else the one
     * at the payer's base URL, which the payer may send by itself, or has sent where nothing is
     * fetched. What else has its id at another path may be anybody's.
     *
     * @param url absolute
     */
    private Optional<String> binary(SourceReference source, String url) {
      if (!BINARY.equals(source.type())) {
        return Optional.empty();
      }
      Optional<String> fetched =
          Optional.of(BinaryIds.of(payer, url)).filter(id -> known.holds(BINARY, id));
      return switch (source.kind()) {
        case OWN -> fetched.or(() -> Optional.of(source.id()).filter(id -> isSent(url, id)));
        case TRUSTED -> fetched;
        default -> Optional.empty();
      };
    }

    private boolean isSent(String url, String id) {
      return (!payer.attachments() && known.holds(BINARY, id))
          || LiteralReference.of(url)
              .filter(named -> PayerUrls.isBase(payer, named.prefix()))
              .isPresent();
    }

    /**
     * The links that are no References, Attachments' URLs first of all: to a Binary, or to what
     * only the payer can tell; never to what the server has of others.
     */
    private void attachment(ObjectNode attachment, String url) {
      SourceReference source = SourceReference.of(url, payer, server);
      boolean relative = SourceReference.isRelative(url);
      String absolute = PayerUrls.absolute(payer, url.strip());
      Optional<String> binary = binary(source, absolute);
      if (binary.isPresent()) {
        link(attachment, FhirEntry.Link.URL, BINARY, binary.get(), absolute);
      } else if (relative) {
        attachment.put(FhirEntry.Link.URL, absolute);
      } else if (server.covers(url)) {
        attachment.remove(FhirEntry.Link.URL);
        cut++;
      }
    }
  }
}
