package org.payerexchange.ops;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.payerexchange.ledger.LedgerDatabase;

/**
 * Readiness: the ledger's database answers. Whoever asks is not kept waiting while a connection is;
 * askers at the same time share one look.
 */
public final class DatabaseHealth extends AbstractHealthCheck {
  private static final long SECONDS = 2;

  private final LedgerDatabase database;
  private CompletableFuture<Boolean> look = CompletableFuture.completedFuture(true);

  /** Asks the ledger's database. */
  public DatabaseHealth(LedgerDatabase database) {
    super("payer-exchange", "database");
    this.database = database;
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    try {
      if (look().get(SECONDS, TimeUnit.SECONDS)) {
        builder.up();
        return;
      }
    } catch (TimeoutException | ExecutionException unanswered) {
      // as good as an answer that it is away
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    builder.message("the database does not answer").down();
  }

  private synchronized CompletableFuture<Boolean> look() {
    if (look.isDone()) {
      look = CompletableFuture.supplyAsync(database::answers);
    }
    return look;
  }
}
