package org.payerexchange.intake;

/** How a record was written. */
public enum RecordForm {
  /** FHIR R4 {@code Parameters}, as HRex 1.2.0 {@code $member-match} takes them. */
  PARAMETERS("json"),
  /** A FHIR R4 {@code Consent} alone, which withdraws what was consented to. */
  CONSENT("json"),
  /** One JSON object with the names of {@link IntakeField}. */
  FLAT_JSON("json"),
  /** A row under a header with the names of {@link IntakeField}. */
  CSV("csv"),
  /** JSON that is not a record. */
  BROKEN_JSON("json"),
  /** Neither JSON nor CSV. */
  UNKNOWN("bin");

  private final String extension;

  RecordForm(String extension) {
    this.extension = extension;
  }

  /** The file name extension for such a record, without a dot. */
  public String extension() {
    return extension;
  }
}
