package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * One change at the FHIR server, as an entry of a Bundle asks for it.
 *
 * @param file the file that it came with: {@code Patient-3.ndjson}
 * @param line its place in the file, from 1
 * @param method {@code PUT} or {@code DELETE}
 * @param url relative: {@code Patient/bison.1}
 * @param resource what is put, rewritten for the server; null for a DELETE; PHI
 * @param links its links to resources of the payer's
 * @param cut how many of its references name nothing at all
 */
record FhirEntry(
    String file,
    long line,
    String method,
    String url,
    ObjectNode resource,
    List<Link> links,
    int cut) {

  FhirEntry {
    links = List.copyOf(links);
  }

  /**
   * A link that was rewritten.
   *
   * @param holder the Reference or Attachment in the resource's tree
   * @param field {@value #REFERENCE} or {@value #URL}
   * @param target where it leads now: {@code Patient/bison.1}
   * @param certain whether the target is part of what the transfer sends
   * @param payer the payer's base URL
   * @param former what it said there: {@code Patient/1}, an Attachment's as a whole URL
   */
  record Link(
      ObjectNode holder,
      String field,
      String target,
      boolean certain,
      String payer,
      String former) {
    static final String REFERENCE = "reference";
    static final String URL = "url";

    /**
     * Has it lead nowhere, for its target does not exist; what a Reference said stays as an
     * identifier, an Attachment has its URL at the payer again.
     *
     * @return whether a reference was lost
     */
    boolean cut() {
      if (field.equals(URL)) {
        holder.put(URL, former);
        return false;
      }
      holder.remove(REFERENCE);
      if (!holder.has("type")) {
        holder.put("type", type(target));
      }
      if (!holder.has("identifier")) {
        SourceIds.identify(holder, payer, type(target), former.substring(former.indexOf('/') + 1));
      }
      return true;
    }

    /** Whether it still leads there. */
    boolean leads() {
      return holder.path(field).asText().equals(target);
    }

    /** The target only. */
    @Override
    public String toString() {
      return target;
    }
  }

  static FhirEntry put(
      String file, long line, String url, ObjectNode resource, List<Link> links, int cut) {
    return new FhirEntry(file, line, "PUT", url, resource, links, cut);
  }

  /** A line that cannot become a change, and of which it is not known what it would be. */
  static FhirEntry nothing(String file, long line) {
    return nothing(file, line, "");
  }

  /**
   * A line that cannot become a change.
   *
   * @param url what it would put
   */
  static FhirEntry nothing(String file, long line, String url) {
    return put(file, line, url, null, List.of(), 0);
  }

  static FhirEntry delete(String file, long line, String url) {
    return new FhirEntry(file, line, "DELETE", url, null, List.of(), 0);
  }

  /** The resource's type. */
  String type() {
    return type(url);
  }

  private static String type(String url) {
    return url.substring(0, Math.max(0, url.indexOf('/')));
  }

  /** Whether the payer says that it is a part of what it has. */
  boolean isSubsetted() {
    if (resource == null) {
      return false;
    }
    for (JsonNode tag : resource.at("/meta/tag")) {
      if (tag.path("code").asText().equals("SUBSETTED")
          && tag.path("system").asText().endsWith("ObservationValue")) {
        return true;
      }
    }
    return false;
  }

  /** Whether a status (200, 404, …) means that it is done. */
  boolean isDoneBy(int status) {
    boolean goneAlready = method.equals("DELETE") && (status == 404 || status == 410);
    return goneAlready || (status >= 200 && status < 300);
  }

  /** Where it came from, without PHI. */
  @Override
  public String toString() {
    return "%s line %s".formatted(file, line);
  }
}
