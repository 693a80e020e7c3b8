package org.payerexchange.ops;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.payerexchange.ledger.LedgerDatabase;
import org.payerexchange.ledger.LedgerWatch;

/**
 * Readiness: the ledger's database answers, and changes are committed. Whoever asks is not kept
 * waiting while a connection is; askers at the same time share one look.
 */
public final class DatabaseHealth extends AbstractHealthCheck {
  private static final long SECONDS = 2;

  private final LedgerDatabase database;
  private final LedgerWatch watch;
  private CompletableFuture<Boolean> look = CompletableFuture.completedFuture(true);

  /** Asks the ledger's database, and whether it was written to of late. */
  public DatabaseHealth(LedgerDatabase database, LedgerWatch watch) {
    super("payer-exchange", "database");
    this.database = database;
    this.watch = watch;
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    try {
      if (look().get(SECONDS, TimeUnit.SECONDS)) {
        if (watch.commits()) {
          builder.up();
        } else {
          builder.message("nothing is committed to the ledger: is its disk full?").down();
        }
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
