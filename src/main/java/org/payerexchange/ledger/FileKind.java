package org.payerexchange.ledger;

/** The list of the export manifest that named a file (FHIR Bulk Data Access 2, complete status). */
public enum FileKind {
  /** {@code output}: resources of the announced type. */
  OUTPUT,
  /** {@code error}: OperationOutcomes about the export. */
  ERROR,
  /** {@code deleted}: transaction Bundles that name deleted resources. */
  DELETED
}
