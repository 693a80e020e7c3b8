package org.payerexchange.ledger.store;

import java.sql.SQLException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.OutcomeClaim;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.SplitClaim;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Stage;

/**
 * How the steps of one kind become claims.
 *
 * @param more columns of what is joined, each after a comma
 * @param joins to the step, which is called {@code claimed}, and to the row that it is about,
 *     called {@code item}
 * @param mapper reads the row; {@link Row#lease} is the claim's
 */
record ClaimQuery(String more, String joins, Mapper mapper) {
  private static final Map<Stage, ClaimQuery> ALL = new EnumMap<>(Stage.class);

  static {
    ALL.put(
        Stage.MEMBER_MATCH,
        new ClaimQuery(
            ", request.request_json",
            "LEFT JOIN transfer_request request ON request.transfer_id = claimed.transfer_id",
            TransferClaim::of));
    for (Stage first : List.of(Stage.EXPORT_KICKOFF, Stage.RETRIEVE)) {
      ALL.put(
          first,
          new ClaimQuery(
              ", transfer.consent_end, request.patient_id",
              """
              JOIN transfer ON transfer.id = claimed.transfer_id
              LEFT JOIN transfer_request request ON request.transfer_id = claimed.transfer_id""",
              row -> ExportJobClaim.begun(row, first)));
    }
    for (Stage match : List.of(Stage.MATCH_BATCH, Stage.MATCH_POLL)) {
      ALL.put(match, of(row -> ExportJobClaim.of(row, match)));
    }
    for (Stage split : List.of(Stage.SPLIT, Stage.SPLIT_TYPES)) {
      ALL.put(split, of(row -> SplitClaim.of(row, split)));
    }
    ALL.put(Stage.EXPORT_POLL, of(row -> ExportJobClaim.of(row, Stage.EXPORT_POLL)));
    ALL.put(
        Stage.DOWNLOAD,
        new ClaimQuery(
            ", job.kind AS job_kind, job.patient_sha256, job.files_until",
            "JOIN export_job job ON job.id = item.job_id",
            OutputFileClaim::of));
    ALL.put(Stage.DELIVER, of(DeliveryClaim::of));
    ALL.put(Stage.OUTCOME, of(OutcomeClaim::of));
    ALL.put(
        Stage.RELEASE,
        new ClaimQuery(
            """
            , EXISTS (SELECT 1 FROM export_job part JOIN output_file file ON file.job_id = part.id
              WHERE part.shared_job = item.id AND part.state = 'READY' AND file.kind = 'ATTACHMENT'
              AND file.state = 'PENDING') AS needed""",
            "",
            ExportJobClaim::over));
  }

  private static ClaimQuery of(Mapper mapper) {
    return new ClaimQuery("", "", mapper);
  }

  static ClaimQuery of(Stage kind) {
    return ALL.get(kind);
  }

  /** Reads one claim. */
  interface Mapper {
    Claim map(Row row) throws SQLException;
  }
}
