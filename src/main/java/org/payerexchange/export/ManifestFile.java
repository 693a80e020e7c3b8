package org.payerexchange.export;

import org.payerexchange.ledger.FileKind;

/**
 * One entry of a manifest, as the payer wrote it: neither its type nor its URL has been checked.
 *
 * @param kind which of the manifest's lists it stands in
 * @param type the resource type of the file's lines
 * @param url where the payer says the file is
 * @param requiresAccessToken what the manifest says of the token, null if nothing
 * @param count how many lines the payer announces, null if it does not
 */
public record ManifestFile(
    FileKind kind, String type, String url, Boolean requiresAccessToken, Long count) {
  /** Not the URL, which may hold ids. */
  @Override
  public String toString() {
    return "ManifestFile[%s]".formatted(kind);
  }
}
