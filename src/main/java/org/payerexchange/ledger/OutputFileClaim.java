package org.payerexchange.ledger;

import java.sql.SQLException;
import java.time.Instant;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Lease;
import org.payerexchange.step.Stage;

/**
 * An output file, claimed for its download.
 *
 * @param jobKind the kind of its export
 * @param number counts the files of the transfer over all its jobs; given once
 * @param shared whether it belongs to several members: nobody is given it as it is
 * @param url where the manifest says the file is; may hold a secret of the payer's
 * @param requiresAccessToken as the manifest says, or null where it does not
 * @param expectedCount resources that the manifest announced for this file, or null
 * @param patientHash of the payer's Patient whose export it is of; null of a group's
 * @param before what was stored of it before
 * @param goodUntil when its URL ends, as the payer says; null where it does not, or where the
 *     manifest was asked for because of the file before
 * @param attachment what is said of it where it is of kind {@link FileKind#ATTACHMENT}, else null
 */
public record OutputFileClaim(
    long id,
    long jobId,
    JobKind jobKind,
    String transferId,
    String payer,
    Lease lease,
    FileKind kind,
    String resourceType,
    int number,
    boolean shared,
    String url,
    Boolean requiresAccessToken,
    Long expectedCount,
    String patientHash,
    StoredBefore before,
    Instant goodUntil,
    Attachment attachment)
    implements Claim {

  /** Of a row of the claim. */
  public static OutputFileClaim of(Row row) throws SQLException {
    return new OutputFileClaim(
        row.big("id"),
        row.big("job_id"),
        row.constant(JobKind.class, "job_kind"),
        row.text("transfer_id"),
        row.text("payer"),
        row.lease(),
        row.constant(FileKind.class, "kind"),
        row.text("resource_type"),
        row.number("number"),
        row.flagOrNull("shared"),
        row.text("url"),
        row.flagOrNull("requires_access_token"),
        row.bigOrNull("expected_count"),
        row.text("patient_sha256"),
        StoredBefore.of(row),
        row.number("lost") == 0 ? row.instant("files_until") : null,
        Attachment.of(row));
  }

  /** Whether it holds resources, one a line, rather than a content of its own. */
  public boolean holdsLines() {
    return !FileKind.isOpaque(resourceType);
  }

  /** The same file, by what it turned out to hold. */
  public OutputFileClaim as(String type) {
    return new OutputFileClaim(
        id,
        jobId,
        jobKind,
        transferId,
        payer,
        lease,
        kind,
        type,
        number,
        shared,
        url,
        requiresAccessToken,
        expectedCount,
        patientHash,
        before,
        goodUntil,
        attachment);
  }

  @Override
  public String subject() {
    return jobKind.subject();
  }

  @Override
  public Stage stage() {
    return Stage.DOWNLOAD;
  }

  @Override
  public Object rowId() {
    return id;
  }

  /** Whether it is to hold the data of one of the payer's Patients, and nobody else's. */
  public boolean isOfPatient() {
    return patientHash != null;
  }

  /** Whether it holds Patients, of whom an export of one member has few. */
  public boolean holdsPatients() {
    return !shared && PatientBound.counts(kind, resourceType);
  }

  /** Whether that is this one. */
  public boolean isOf(String patientId) {
    return PatientHash.of(patientId).equals(patientHash);
  }

  /** The file's stable name: {@code Patient-3.ndjson}. */
  public String name() {
    return FileName.of(resourceType, number);
  }

  /** Leaves the URL out: a signed URL is a secret. */
  @Override
  public String toString() {
    return "OutputFileClaim[%s, %s of %s, %s, lease %s]"
        .formatted(id, name(), transferId, payer, leaseToken());
  }
}
