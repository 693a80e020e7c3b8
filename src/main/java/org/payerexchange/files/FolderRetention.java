package org.payerexchange.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.payerexchange.ledger.store.Retention;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what is left on the disk of transfers that are over: in the work directory, and among
 * what was being received or belongs to several, at once, in the outbox after a time.
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

  /** Deletes it; what cannot be listed or deleted is left for the next time. */
  public void clear() {
    if (!folders.areSeen()) {
      return;
    }
    for (TransferFolders each : List.of(work, outbox.incoming(), outbox.shared())) {
      attempt("what is left of transfers cannot be listed", () -> clear(each));
    }
    keep.ifPresent(
        time ->
            attempt("the outbox cannot be listed", () -> clearOutbox(clock.instant().minus(time))));
  }

  private void clear(TransferFolders left) throws IOException {
    for (String transfer : retention.over(left.transfers())) {
      delete(transfer, () -> left.deleteAll(transfer));
    }
  }

  private void clearOutbox(Instant manifestBefore) throws IOException {
    for (Path payer : outbox.payers()) {
      attempt(
          "the outbox of " + payer.getFileName() + " cannot be listed",
          () -> {
            List<Path> batch = new ArrayList<>();
            outbox.eachWithManifestBefore(
                manifestBefore,
                payer,
                folder -> {
                  batch.add(folder);
                  if (batch.size() == BATCH) {
                    clear(batch, manifestBefore);
                  }
                });
            clear(batch, manifestBefore);
          });
    }
  }

  private void clear(List<Path> batch, Instant manifestBefore) {
    Set<String> over = retention.over(batch.stream().map(FolderRetention::transfer).toList());
    batch.stream()
        .filter(folder -> over.contains(transfer(folder)))
        .forEach(
            folder -> delete(transfer(folder), () -> outbox.deleteData(folder, manifestBefore)));
    batch.clear();
  }

  private static String transfer(Path folder) {
    return folder.getFileName().toString();
  }

  private static void delete(String transfer, Work deletion) {
    attempt("files of " + transfer + " cannot be deleted", deletion);
  }

  private static void attempt(String otherwise, Work work) {
    try {
      work.run();
    } catch (IOException | DirectoryIteratorException | UncheckedIOException unusable) {
      LOG.warn(otherwise);
    }
  }

  private interface Work {
    void run() throws IOException;
  }
}
