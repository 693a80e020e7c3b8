package org.payerexchange.ops;

import java.util.List;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.payerexchange.files.SharedFolders;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** Readiness: work directory and outbox are those that all nodes of the ledger share. */
public final class FoldersHealth extends AbstractHealthCheck {
  private final SharedFolders folders;

  /** Asks for these. */
  public FoldersHealth(SharedFolders folders) {
    super("payer-exchange", "folders");
    this.folders = folders;
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    try {
      List<String> problems = folders.problems();
      if (problems.isEmpty()) {
        builder.up();
      } else {
        builder.message(String.join("; ", problems)).down();
      }
    } catch (DataAccessException | TransactionException away) {
      builder.message("the ledger does not say which folders are its own").down();
    }
  }
}
