package org.payerexchange.ops;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.ledger.store.LedgerWatch;

/**
 * Whether the ledger's database answers, and changes are committed. Whoever asks is not kept
 * waiting while a connection is; askers at the same time share one look.
 */
public final class DatabaseLook {
  private static final long SECONDS = 2;

  private final LedgerDatabase database;
  private final LedgerWatch watch;
  private CompletableFuture<Boolean> look = CompletableFuture.completedFuture(true);

  /** The latest look that somebody did not wait for to its end. */
  private volatile CompletableFuture<Boolean> slow = look;

  /** Asks the ledger's database, and whether it was written to of late. */
  public DatabaseLook(LedgerDatabase database, LedgerWatch watch) {
    this.database = database;
    this.watch = watch;
  }

  /** What is wrong, in words. */
  public List<String> problems() {
    if (!answers()) {
      return List.of("the database does not answer");
    }
    return watch.commits()
        ? List.of()
        : List.of("nothing is committed to the ledger: is its disk full?");
  }

  /** Whether it answers within two seconds; at once where somebody waits that long already. */
  public boolean answers() {
    if (!slow.isDone()) {
      return false;
    }
    CompletableFuture<Boolean> mine = look();
    try {
      return mine.get(SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException unanswered) {
      // as good as an answer that it is away
      slow = mine;
    } catch (ExecutionException failed) {
      // the same
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  /** Whether it is known to be away; nobody waits for this. One that is slow is asked. */
  public boolean isAway() {
    return !watch.answers();
  }

  private synchronized CompletableFuture<Boolean> look() {
    if (look.isDone()) {
      look = CompletableFuture.supplyAsync(database::answers);
    }
    return look;
  }
}
