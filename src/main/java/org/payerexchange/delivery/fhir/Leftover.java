package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A change that the FHIR server did not make, or not with all its references. As a line of {@code
 * undeliverable.ndjson}: {@code {"file": "Patient-3.ndjson", "line": 17, "method": "PUT", "url":
 * "Patient/bison.1", "status": 422, "resource": {…}, "references":
 * {"/managingOrganization/reference": "Organization/7"}, "outcome": {"resourceType":
 * "OperationOutcome", …}}}, where {@code references} tells by their places what the resource's
 * links were at the payer.
 *
 * @param status the HTTP status that the server gave the entry; 0 where it was never sent
 * @param outcome the OperationOutcome that says why, null if there is none; PHI
 */
record Leftover(FhirEntry entry, int status, JsonNode outcome) {

  private static final int FAILED_DEPENDENCY = 424;

  /** What a server answers where changes meet. */
  static final Set<Integer> CONFLICTS = Set.of(409, 412);

  /** One that cannot be sent at all. */
  static Leftover ofOwn(FhirEntry entry, String diagnostics) {
    return of(entry, 0, diagnostics);
  }

  /** One that is not sent before what it refers to. */
  static Leftover waiting(FhirEntry entry) {
    return of(entry, FAILED_DEPENDENCY, "refers to what the server has not taken");
  }

  private static Leftover of(FhirEntry entry, int status, String diagnostics) {
    ObjectNode outcome = JsonNodeFactory.instance.objectNode();
    outcome.put("resourceType", "OperationOutcome");
    outcome
        .putArray("issue")
        .addObject()
        .put("severity", "error")
        .put("code", "invalid")
        .put("diagnostics", diagnostics);
    return new Leftover(entry, status, outcome);
  }

  static Leftover of(JsonNode line) {
    ObjectNode resource = line.get("resource") instanceof ObjectNode object ? object : null;
    FhirEntry entry =
        new FhirEntry(
            line.path("file").asText(),
            line.path("line").asLong(),
            line.path("method").asText(),
            line.path("url").asText(),
            resource,
            resource == null ? List.of() : links(resource, line.path("references")),
            0);
    return new Leftover(entry, line.path("status").asInt(), line.get("outcome"));
  }

  private static List<FhirEntry.Link> links(ObjectNode resource, JsonNode references) {
    String payer = resource.at("/meta/source").asText();
    List<FhirEntry.Link> links = new ArrayList<>();
    LinkPlaces.visit(
        resource,
        (holder, field, place) -> {
          String target = holder.path(field).asText();
          String former = references.path(place).asText(formerByTarget(references, target));
          if (former != null) {
            links.add(new FhirEntry.Link(holder, field, target, false, payer, former));
          }
        });
    return links;
  }

  /** As 0.1.0 kept it; a place begins with a slash, a target does not. */
  private static String formerByTarget(JsonNode references, String target) {
    return target.startsWith("/") ? null : references.path(target).asText(null);
  }

  ObjectNode toJson() {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("file", entry.file()).put("line", entry.line());
    line.put("method", entry.method()).put("url", entry.url()).put("status", status);
    if (entry.resource() != null) {
      line.set("resource", entry.resource());
      ObjectNode references = line.putObject("references");
      IdentityHashMap<ObjectNode, List<FhirEntry.Link>> links = new IdentityHashMap<>();
      entry
          .links()
          .forEach(
              link -> links.computeIfAbsent(link.holder(), key -> new ArrayList<>()).add(link));
      LinkPlaces.visit(
          entry.resource(),
          (holder, field, place) ->
              links.getOrDefault(holder, List.of()).stream()
                  .filter(link -> link.field().equals(field) && link.leads())
                  .forEach(link -> references.put(place, link.former())));
    }
    if (outcome != null) {
      line.set("outcome", outcome);
    }
    return line;
  }

  /** Whether the server says that it is only busy. */
  boolean isBusy() {
    return status == 429 || status == 503;
  }

  /** Whether it may be for what else was sent at the same time. */
  boolean isOfACrowd() {
    return isBusy() || CONFLICTS.contains(status);
  }

  /** Whether the same may be taken another time for what the status says. */
  boolean canPass() {
    return isBusy()
        || CONFLICTS.contains(status)
        || status == 408
        || status == 423
        || status >= 500;
  }

  /** Whether the server says that another change of a resource that members share came between. */
  boolean isConflictAboutShared() {
    return CONFLICTS.contains(status) && FhirTypes.isShared(entry.type());
  }

  /** Whether the server does not have what it puts or changes, and will hardly have it later. */
  boolean isRefused() {
    boolean sendable = status > 0 || entry.method().equals("PUT");
    return sendable && !entry.url().isEmpty() && !canPass() && !isMade();
  }

  /** Whether the change was made, but for references to what came later in the transfer. */
  boolean isMade() {
    return status / 100 == 2;
  }

  /** The same, whose resource changes no more with the other's. */
  Leftover copy() {
    return of(toJson().deepCopy());
  }

  /** Where it came from and the status. */
  @Override
  public String toString() {
    return entry + ": " + status;
  }
}
