package org.payerexchange.ledger;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.payerexchange.payer.PayerUrls;

/**
 * The attachments of a stored file that its transfer does not have yet: each URL, apart from its
 * signature, is fetched once in a transfer.
 *
 * @param added those that are to be fetched
 * @param leftOut how many are beyond what a transfer may have
 */
record AddedAttachments(List<Attachment> added, long leftOut) {

  /**
   * Compares.
   *
   * @param known the URLs that the transfer has
   */
  static AddedAttachments of(FoundAttachments found, Set<String> known) {
    List<Attachment> unknown =
        found.found().stream()
            .filter(each -> !known.contains(PayerUrls.unsigned(each.url())))
            .toList();
    int room = Math.max(0, found.most() - known.size());
    List<Attachment> added = unknown.stream().limit(room).toList();
    return new AddedAttachments(added, unknown.size() - added.size() + found.more());
  }

  /** Compares with what the ledger has. */
  static AddedAttachments of(FoundAttachments found, LockedTransfer transfer, LedgerDatabase from) {
    return found.found().isEmpty()
        ? new AddedAttachments(List.of(), 0)
        : of(
            found,
            from
                .jdbc()
                .sql("SELECT url FROM output_file WHERE transfer_id = ? AND kind = 'ATTACHMENT'")
                .param(transfer.id())
                .query(String.class)
                .list()
                .stream()
                .map(PayerUrls::unsigned)
                .collect(Collectors.toSet()));
  }

  /** What was said of the file, and what is not fetched of it. */
  List<String> warnings(List<String> before) {
    return leftOut == 0
        ? before
        : Stream.concat(
                before.stream(),
                Stream.of(
                    "%d attachment(s) are not fetched: a transfer has no more (p2p.attachments.max-count)"
                        .formatted(leftOut)))
            .toList();
  }

  /** Writes them as files of the job, whose downloads are due. */
  void write(LockedTransfer transfer, OutputFileClaim of, LockedJob job, LedgerDatabase to) {
    if (added.isEmpty()) {
      return;
    }
    int first = transfer.files() + 1;
    to.insert(
        """
        output_file (job_id, transfer_id, payer, kind, resource_type, place, number, turn,
          export_number, url, requires_access_token, content_type, announced_bytes,
          announced_hash, named_in, state, updated_at)""",
        """
        (?, ?, ?, 'ATTACHMENT', ?, ?, ?, ?, ?, ?, CAST(? AS BOOLEAN), ?, CAST(? AS BIGINT), ?, ?,
          'PENDING', CURRENT_TIMESTAMP)""",
        Stream.iterate(0, i -> i < added.size(), i -> i + 1)
            .map(i -> row(of, job, added.get(i), first + i))
            .toList());
    transfer.numberFiles(added.size());
  }

  private static Object[] row(OutputFileClaim of, LockedJob job, Attachment each, int number) {
    return new Object[] {
      of.jobId(),
      of.transferId(),
      of.payer(),
      Attachment.OPAQUE,
      number,
      number,
      number,
      job.exports(),
      each.url(),
      of.requiresAccessToken(),
      each.contentType(),
      each.size(),
      each.hash(),
      each.namedIn()
    };
  }
}
