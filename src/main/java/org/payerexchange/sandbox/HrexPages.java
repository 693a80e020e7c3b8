package org.payerexchange.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;

/** Writes pages of resources as searchset Bundles, or as faults want them. */
final class HrexPages {
  /** In the query of a next page: where it begins. */
  static final String PAGE = "_page=";

  private final Faults faults;
  private final int largest;

  HrexPages(Faults faults, int largest) {
    this.faults = faults;
    this.largest = largest;
  }

  /** Which of the resources a request is for. */
  List<PatientRecord.Entry> page(Map<String, Object> headers, List<PatientRecord.Entry> all) {
    int first = Math.min(first(headers), all.size());
    int repeated = first > 0 && faults.isDue(Fault.REPEATS) ? 1 : 0;
    return all.subList(first - repeated, Math.min(first + size(headers), all.size()));
  }

  /**
   * The page as a Bundle.
   *
   * @param stranger a resource of another Patient
   */
  Answer bundle(Map<String, Object> headers, List<String> resources, int total, String stranger) {
    if (faults.isDue(Fault.NO_BUNDLE)) {
      return Answer.fhir(200, JsonNodeFactory.instance.objectNode().put("resourceType", "Patient"));
    }
    ObjectNode bundle = JsonNodeFactory.instance.objectNode().put("resourceType", "Bundle");
    bundle.put("type", "searchset");
    ArrayNode links = bundle.putArray("link");
    String here = FileUrls.origin(FhirOperation.text(headers.get("Host"))) + path(headers);
    links.addObject().put("relation", "self").put("url", here + query(headers));
    next(headers, here, total)
        .ifPresent(url -> links.addObject().put("relation", "next").put("url", url));
    ArrayNode entries = JsonNodeFactory.instance.arrayNode();
    Marks marks = Marks.of(faults::isDue);
    resources.forEach(json -> entry(entries, marks.on(read(json)), "match"));
    if (faults.isDue(Fault.STRANGERS)) {
      entry(entries, read(stranger), "match");
    }
    if (faults.isDue(Fault.OUTCOMES)) {
      entry(entries, OperationOutcomes.error("incomplete", "Not all could be read"), "outcome");
    }
    if (faults.isDue(Fault.EMPTY_ENTRIES)) {
      entries.addObject().put("fullUrl", "urn:uuid:6f1f0a52-0d1f-4b8e-9a30-0f0f7a3f5a11");
    }
    if (!entries.isEmpty()) {
      bundle.set("entry", entries);
    }
    return Answer.fhir(200, bundle);
  }

  static JsonNode read(String json) {
    try {
      return Answer.MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private Optional<String> next(Map<String, Object> headers, String here, int total) {
    if (faults.isDue(Fault.NEXT_ITSELF)) {
      return Optional.of(here + query(headers));
    }
    int next = first(headers) + size(headers);
    if (next >= total) {
      return Optional.empty();
    }
    String query = query(headers).replaceAll("[?&]" + PAGE + "\\d+$", "");
    String url = here + query + (query.isEmpty() ? "?" : "&") + PAGE + next;
    return Optional.of(faults.isDue(Fault.NEXT_FOREIGN) ? FileUrls.foreign(url) : url);
  }

  private static void entry(ArrayNode entries, JsonNode resource, String mode) {
    ObjectNode entry = entries.addObject();
    entry.set("resource", resource);
    entry.putObject("search").put("mode", mode);
  }

  private static String path(Map<String, Object> headers) {
    return FhirOperation.text(headers.get(Exchange.HTTP_PATH));
  }

  private static String query(Map<String, Object> headers) {
    String query = FhirOperation.text(headers.get(Exchange.HTTP_QUERY));
    return query.isEmpty() ? "" : "?" + query;
  }

  private static int first(Map<String, Object> headers) {
    return number(headers, "_page", 0);
  }

  private int size(Map<String, Object> headers) {
    return Math.max(1, Math.min(largest, number(headers, "_count", largest)));
  }

  private static int number(Map<String, Object> headers, String name, int otherwise) {
    String text = FhirOperation.text(headers.get(name));
    if (!text.isEmpty() && !text.matches("\\d{1,9}")) {
      throw GatewayRefusal.outcome(400, "invalid", name + " is no number");
    }
    return text.isEmpty() ? otherwise : Integer.parseInt(text);
  }
}
