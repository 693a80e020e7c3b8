package org.payerexchange.files;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.payerexchange.ledger.Retention;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what is left on the disk of transfers that are over: in the work directory and among what
 * was being received at once, in the outbox after a time.
 */
public final class FolderRetention {
  private static final Logger LOG = LoggerFactory.getLogger(FolderRetention.class);
  private static final int BATCH = 500;

  private final TransferFolders work;
  private final Outbox outbox;
  private final SharedFolders folders;
  private final Retention retention;
  private final Optional<Duration> keep;
  private final Clock clock;

  /**
   * Wires it.
   *
   * @param work the work directory
   * @param outbox the outbox directory
   * @param folders whether they are this ledger's
   * @param retention knows which transfers are over
   * @param keep {@code p2p.outbox.keep}: how long data stays in the outbox behind its manifest;
   *     empty: for good
   */
  public FolderRetention(
      TransferFolders work,
      Outbox outbox,
      SharedFolders folders,
      Retention retention,
      Optional<Duration> keep,
      Clock clock) {
    this.work = work;
    this.outbox = outbox;
    this.folders = folders;
    this.retention = retention;
    this.keep = keep;
    this.clock = clock;
  }

  /**
   * Deletes it; what cannot be deleted is left for the next time.
   *
   * @throws IOException if a directory cannot be listed
   */
  public void clear() throws IOException {
    if (!folders.areSeen()) {
      return;
    }
    for (TransferFolders each : List.of(work, outbox.incoming())) {
      for (String transfer : retention.over(each.transfers())) {
        delete(transfer, () -> each.deleteAll(transfer));
      }
    }
    if (keep.isPresent()) {
      List<Delivered> batch = new ArrayList<>();
      outbox.eachWithManifestBefore(
          clock.instant().minus(keep.get()),
          (payer, transfer) -> {
            batch.add(new Delivered(payer, transfer));
            if (batch.size() == BATCH) {
              clear(batch);
            }
          });
      clear(batch);
    }
  }

  private void clear(List<Delivered> batch) {
    Map<String, String> payers =
        batch.stream().collect(Collectors.toMap(Delivered::transfer, Delivered::payer));
    Set<String> over = retention.over(payers.keySet());
    over.forEach(
        transfer -> delete(transfer, () -> outbox.deleteData(payers.get(transfer), transfer)));
    batch.clear();
  }

  private static void delete(String transfer, Deletion deletion) {
    try {
      deletion.run();
    } catch (IOException undeletable) {
      LOG.warn("transfer {}: files of it cannot be deleted", transfer);
    }
  }

  private interface Deletion {
    void run() throws IOException;
  }

  private record Delivered(String payer, String transfer) {}
}
