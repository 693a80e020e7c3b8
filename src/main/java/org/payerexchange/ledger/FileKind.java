package org.payerexchange.ledger;

/**
 * The list of the export manifest that named a file (FHIR Bulk Data Access 2, complete status), or
 * that a line of such a file did.
 */
public enum FileKind {
  /** {@code output}: resources of the announced type. */
  OUTPUT,
  /** {@code error}: OperationOutcomes about the export. */
  ERROR,
  /** {@code deleted}: transaction Bundles that name deleted resources. */
  DELETED,
  /** What an Attachment in a line of {@link #OUTPUT} leads to. */
  ATTACHMENT;

  /**
   * Stands for the type of a file whose lines are of all types (FHIR Bulk Data Access 3, {@code
   * outputOrganizedBy}): its resources are split by type.
   */
  public static final String ALL_TYPES = "Resource";

  /** Whether a job is complete without it, with a warning. */
  public boolean isOptional() {
    return this == ERROR || this == ATTACHMENT;
  }

  /** Whether files of the kind hold resources of all types. */
  public boolean holdsAllTypes(String resourceType) {
    return this == OUTPUT && ALL_TYPES.equals(resourceType);
  }

  /** Whether files of the kind hold resources of their type, one a line, that are the member's. */
  public boolean holdsResources(String resourceType) {
    return this == OUTPUT || (this == ATTACHMENT && !isOpaque(resourceType));
  }

  /** Whether it is a file of any content, rather than of lines. */
  static boolean isOpaque(String resourceType) {
    return resourceType.equals(Attachment.OPAQUE);
  }
}
