package org.payerexchange.export;

import org.payerexchange.ledger.FileKind;

/**
 * One entry of a manifest. Its type is as the payer wrote it, and has not been checked.
 *
 * @param kind which of the manifest's lists it stands in
 * @param type the resource type of the file's lines
 * @param url where the payer says the file is; of a page that was read, as it is to be called
 * @param requiresAccessToken what the manifest says of the token, null if nothing
 * @param count how many lines the payer announces, null if it does not
 */
public record ManifestFile(
    FileKind kind, String type, String url, Boolean requiresAccessToken, Long count) {
  ManifestFile at(String otherUrl) {
    return new ManifestFile(kind, type, otherUrl, requiresAccessToken, count);
  }

  /** Not the URL, which may hold ids. */
  @Override
  public String toString() {
    return "ManifestFile[%s]".formatted(kind);
  }
}
