package org.payerexchange.delivery.fhir;

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
 * @param links its references to resources of the payer's
 */
record FhirEntry(
    String file, long line, String method, String url, ObjectNode resource, List<Link> links) {

  FhirEntry {
    links = List.copyOf(links);
  }

  /**
   * A reference that was rewritten.
   *
   * @param reference the Reference in the resource's tree
   * @param target where it leads now: {@code Patient/bison.1}
   * @param certain whether the target is part of the transfer
   * @param payer the payer's base URL
   * @param former what it said there: {@code Patient/1}
   */
  record Link(ObjectNode reference, String target, boolean certain, String payer, String former) {

    /** Has it lead nowhere, for its target does not exist; what it said stays as an identifier. */
    void cut() {
      reference.remove("reference");
      if (!reference.has("type")) {
        reference.put("type", target.substring(0, target.indexOf('/')));
      }
      if (!reference.has("identifier")) {
        reference.putObject("identifier").put("system", payer).put("value", former);
      }
    }

    /** Whether it still leads there. */
    boolean leads() {
      return reference.has("reference");
    }

    /** The target only. */
    @Override
    public String toString() {
      return target;
    }
  }

  static FhirEntry put(String file, long line, String url, ObjectNode resource, List<Link> links) {
    return new FhirEntry(file, line, "PUT", url, resource, links);
  }

  static FhirEntry delete(String file, long line, String url) {
    return new FhirEntry(file, line, "DELETE", url, null, List.of());
  }

  /** Whether a status (200, 404, …) means that it is done. */
  boolean isDoneBy(int status) {
    boolean goneAlready = method.equals("DELETE") && (status == 404 || status == 410);
    return goneAlready || (status >= 200 && status < 300);
  }

  /** Where it came from, without PHI. */
  @Override
  public String toString() {
    return "%s line %d".formatted(file, line);
  }
}
