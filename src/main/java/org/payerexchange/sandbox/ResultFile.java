package org.payerexchange.sandbox;

/** What a file of a bulk match's answer really is; its manifest always speaks of lines. */
public enum ResultFile {
  /** Lines of JSON. */
  NDJSON,
  /** JSON over many lines; then each file holds one resource. */
  PRETTY,
  /** A FHIR Binary with the lines in base64. */
  BINARY,
  /** As HL7's reference server does: lines, or a Binary, as the Accept header has it. */
  AS_ACCEPTED
}
