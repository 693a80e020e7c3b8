package org.payerexchange.ledger.store;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.payerexchange.ledger.Attachment;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileState;
import org.payerexchange.ledger.FoundAttachments;
import org.payerexchange.ledger.Row;
import org.payerexchange.payer.PayerUrls;

/**
 * What comes of the attachments that a stored file names: each URL, apart from its signature, is
 * fetched once in a transfer. One that could not be had is asked for again where a newer export
 * names it, or a file that comes again, by the link that this gives.
 *
 * @param added those that are to be fetched
 * @param renewed those that the transfer has, and that were not had by an older link
 * @param leftOut how many are beyond what a transfer may have
 */
record AddedAttachments(List<Attachment> added, List<Renewed> renewed, long leftOut) {
  static final AddedAttachments NONE = new AddedAttachments(List.of(), List.of(), 0);

  /**
   * An attachment that the transfer has.
   *
   * @param url by which it was named
   * @param namedIn the line that did so
   * @param isOwn whether the same job named it
   * @param isOlder whether an earlier export did
   */
  record Known(
      long id, String url, String namedIn, FileState state, boolean isOwn, boolean isOlder) {
    static Known of(Row row) throws SQLException {
      return new Known(
          row.big("id"),
          row.text("url"),
          row.text("named_in"),
          row.constant(FileState.class, "state"),
          row.flagOrNull("is_own"),
          row.flagOrNull("is_older"));
    }

    private boolean isMissed(Attachment named) {
      return isOwn
          && (isOlder || isNamedAnew(named))
          && (state == FileState.FAILED || state == FileState.PENDING);
    }

    /** What another file of the export says of it is said of the same link. */
    private boolean isNamedAnew(Attachment named) {
      return !named.url().equals(url) && file(named.namedIn()).equals(file(namedIn));
    }

    private static String file(String line) {
      return line.substring(0, line.lastIndexOf('/') + 1);
    }
  }

  /** How a newer export names one. */
  record Renewed(Known known, Attachment attachment) {
    private boolean failed() {
      return known.state() == FileState.FAILED;
    }
  }

  /** Compares with what the transfer has. */
  static AddedAttachments of(FoundAttachments found, List<Known> known) {
    Map<String, Known> byUrl =
        known.stream()
            .collect(
                Collectors.toMap(
                    each -> PayerUrls.unsigned(each.url()), Function.identity(), (a, b) -> a));
    List<Attachment> unknown = new ArrayList<>();
    List<Renewed> renewed = new ArrayList<>();
    for (Attachment each : found.found()) {
      Known before = byUrl.get(PayerUrls.unsigned(each.url()));
      if (before == null) {
        unknown.add(each);
      } else if (before.isMissed(each)) {
        renewed.add(new Renewed(before, each));
      }
    }
    int room = Math.max(0, found.most() - byUrl.size());
    List<Attachment> added = unknown.stream().limit(room).toList();
    return new AddedAttachments(
        added, List.copyOf(renewed), unknown.size() - added.size() + found.more());
  }

  /** Compares with what the ledger has. */
  static AddedAttachments of(
      FoundAttachments found, LockedTransfer transfer, LockedJob job, LedgerDatabase from) {
    return found.found().isEmpty()
        ? NONE
        : of(
            found,
            from.jdbc()
                .sql(
                    """
                    SELECT id, url, named_in, state, job_id = ? AS is_own, export_number < ? AS is_older
                    FROM output_file WHERE transfer_id = ? AND kind = 'ATTACHMENT' ORDER BY id""")
                .params(job.id(), job.exports(), transfer.id())
                .query((row, at) -> Known.of(new Row(row)))
                .list());
  }

  /** How many of a job are still to come, whatever a manifest or a split says. */
  static int open(long jobId, LedgerDatabase database) {
    return database
        .jdbc()
        .sql(
            """
            SELECT COUNT(*) FROM output_file
            WHERE job_id = ? AND kind = 'ATTACHMENT' AND state = 'PENDING'""")
        .param(jobId)
        .query(Integer.class)
        .single();
  }

  /** What is to be known of the file that names them. */
  List<String> warnings(FetchedFile file) {
    return Stream.of(
            file.warnings().stream(),
            file.attachments().warnings().stream(),
            leftOut == 0
                ? Stream.<String>empty()
                : Stream.of(
                    "%s attachment(s) are not fetched: a transfer has no more (p2p.attachments.max-count)"
                        .formatted(leftOut)))
        .flatMap(Function.identity())
        .toList();
  }

  /** How many files more of the job are to come. */
  int toCome() {
    return added.size() + (int) renewed.stream().filter(Renewed::failed).count();
  }

  /**
   * Writes them as files of the job, whose downloads are due.
   *
   * @param requiresAccessToken as the manifest says of the files that name them, or null
   */
  void write(
      LockedTransfer transfer, LockedJob job, Boolean requiresAccessToken, LedgerDatabase to) {
    if (!added.isEmpty()) {
      insert(transfer, job, requiresAccessToken, to);
    }
    if (!renewed.isEmpty()) {
      to.batch(
          """
          UPDATE output_file SET url = ?, content_type = ?, announced_bytes = ?,
            announced_hash = ?, named_in = ?, requires_access_token = ?, export_number = ?,
            turn = CASE WHEN state = 'PENDING' THEN turn END, state = 'PENDING', reason = NULL,
            detail = NULL, lost = 0, missed = 0, updated_at = CURRENT_TIMESTAMP
          WHERE id = ?""",
          renewed.stream().map(each -> renewal(each, job, requiresAccessToken)).toList());
    }
  }

  private void insert(
      LockedTransfer transfer, LockedJob job, Boolean requiresAccessToken, LedgerDatabase to) {
    int first = transfer.files() + 1;
    boolean inTurn = new PlannedDeliveries(to).isLast(transfer, transfer.files());
    to.insert(
        """
        output_file (job_id, transfer_id, payer, kind, resource_type, place, number, turn,
          export_number, url, requires_access_token, content_type, announced_bytes,
          announced_hash, named_in, state, updated_at)""",
        """
        (?, ?, ?, 'ATTACHMENT', ?, ?, ?, CAST(? AS BIGINT), ?, ?, CAST(? AS BOOLEAN), ?, CAST(? AS BIGINT), ?, ?,
          'PENDING', CURRENT_TIMESTAMP)""",
        IntStream.range(0, added.size())
            .mapToObj(
                at -> row(transfer, job, requiresAccessToken, added.get(at), first + at, inTurn))
            .toList());
    transfer.numberFiles(added.size());
  }

  private static Object[] row(
      LockedTransfer transfer,
      LockedJob job,
      Boolean requiresAccessToken,
      Attachment each,
      int number,
      boolean inTurn) {
    return new Object[] {
      job.id(),
      transfer.id(),
      transfer.payer(),
      Attachment.OPAQUE,
      number,
      number,
      inTurn ? number : null,
      job.exports(),
      each.url(),
      requiresAccessToken,
      each.contentType(),
      each.size(),
      each.hash(),
      each.namedIn()
    };
  }

  private static Object[] renewal(Renewed each, LockedJob job, Boolean requiresAccessToken) {
    Attachment now = each.attachment();
    return new Object[] {
      now.url(),
      now.contentType(),
      now.size(),
      now.hash(),
      now.namedIn(),
      requiresAccessToken,
      job.exports(),
      each.known().id()
    };
  }
}
