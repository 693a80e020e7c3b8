package org.payerexchange.ledger;

/**
 * One entry of an export manifest. A manifest that is fetched again is matched by URL, else by
 * kind, type and the order among those.
 *
 * @param resourceType a plain resource type name, the first part of the name that the file gets
 * @param url where the file is, as the manifest says
 * @param requiresAccessToken as the manifest says, or null where it does not
 * @param expectedCount resources announced for this file, or null
 */
public record NewFile(
    FileKind kind,
    String resourceType,
    String url,
    Boolean requiresAccessToken,
    Long expectedCount) {

  /** Whether its resources are of all types. */
  public boolean holdsAllTypes() {
    return kind.holdsAllTypes(resourceType);
  }

  /** Leaves the URL out: a signed URL is a secret. */
  @Override
  public String toString() {
    return "NewFile[" + kind + " " + resourceType + "]";
  }
}
