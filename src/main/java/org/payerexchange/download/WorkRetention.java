package org.payerexchange.download;

import java.io.IOException;
import java.util.List;
import org.payerexchange.files.SharedFolders;
import org.payerexchange.ledger.Retention;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes what is left in the work directory of transfers that are over. */
public final class WorkRetention {
  private static final Logger LOG = LoggerFactory.getLogger(WorkRetention.class);

  private final StagedFiles staged;
  private final SharedFolders folders;
  private final Retention retention;

  /**
   * Wires it.
   *
   * @param staged the work directory
   * @param folders whether it is this ledger's
   * @param retention knows which transfers are over
   */
  public WorkRetention(StagedFiles staged, SharedFolders folders, Retention retention) {
    this.staged = staged;
    this.folders = folders;
    this.retention = retention;
  }

  /**
   * Deletes it; what cannot be deleted is left for the next time.
   *
   * @throws IOException if the work directory cannot be listed
   */
  public void clear() throws IOException {
    if (!folders.areSeen()) {
      return;
    }
    List<String> transfers = staged.transfers();
    for (String transfer : retention.over(transfers)) {
      try {
        staged.deleteAll(transfer);
      } catch (IOException undeletable) {
        LOG.warn("transfer {}: its staged files cannot be deleted", transfer);
      }
    }
  }
}
