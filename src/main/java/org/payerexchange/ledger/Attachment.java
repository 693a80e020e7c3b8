package org.payerexchange.ledger;

import java.sql.SQLException;

/**
 * What a line of a stored file says of an attachment (FHIR R4, Attachment).
 *
 * @param url where it is, absolute; may hold a secret of the payer's
 * @param contentType its media type, or null
 * @param size its bytes, or null
 * @param hash their SHA-1 in Base64, or null
 * @param namedIn the first line that names it: {@code DocumentReference-3.ndjson/17}
 */
public record Attachment(String url, String contentType, Long size, String hash, String namedIn) {
  /** What stands for the resource type of an attachment that did not become a Binary. */
  public static final String OPAQUE = "attachment";

  /** The type of one that is small enough to be a line. */
  public static final String LINE = "Binary";

  /** Of a row of kind {@link FileKind#ATTACHMENT}; null of any other. */
  public static Attachment of(Row row) throws SQLException {
    return row.constant(FileKind.class, "kind") == FileKind.ATTACHMENT
        ? new Attachment(
            row.text("url"),
            row.text("content_type"),
            row.bigOrNull("announced_bytes"),
            row.text("announced_hash"),
            row.text("named_in"))
        : null;
  }

  /** Leaves the URL out: a signed URL is a secret. */
  @Override
  public String toString() {
    return "Attachment[%s]".formatted(namedIn);
  }
}
