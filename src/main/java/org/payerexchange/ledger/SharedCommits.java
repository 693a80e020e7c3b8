package org.payerexchange.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Changes of an H2 ledger: one thread makes them one after the other, and all that have come
 * meanwhile share a commit. With WRITE_DELAY=0 nearly all the cost is in the commits; and claims
 * that take turns need no SKIP LOCKED, with which H2 starves a second claimer.
 */
final class SharedCommits implements Changes {
  private static final int MOST_A_COMMIT = 64;

  private final TransactionTemplate transactions;
  private final H2File file;
  private final Queue<Change<?>> waiting = new ConcurrentLinkedQueue<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread committer = new Thread(work, "ledger-commits");
            committer.setDaemon(true);
            return committer;
          });

  SharedCommits(TransactionTemplate transactions, H2File file) {
    this.transactions = transactions;
    this.file = file;
  }

  @Override
  public <T> T make(Supplier<T> work, Predicate<T> keep) {
    Change<T> change = new Change<>(work, keep);
    waiting.add(change);
    thread.execute(this::commitTogether);
    return change.whenCommitted();
  }

  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(30, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void commitTogether() {
    List<Change<?>> changes = new ArrayList<>();
    while (changes.size() < MOST_A_COMMIT && !waiting.isEmpty()) {
      changes.add(waiting.remove());
    }
    if (changes.isEmpty()) {
      return;
    }
    try {
      file.commitComes();
      transactions.executeWithoutResult(status -> changes.forEach(change -> change.run(status)));
      changes.forEach(Change::committed);
    } catch (RuntimeException | Error e) {
      changes.forEach(change -> change.done.completeExceptionally(e));
    }
  }

  private static final class Change<T> {
    private final Supplier<T> work;
    private final Predicate<T> keep;
    private final CompletableFuture<T> done = new CompletableFuture<>();
    private T result;
    private Throwable failure;

    Change(Supplier<T> work, Predicate<T> keep) {
      this.work = work;
      this.keep = keep;
    }

    /** Only this change is undone if it fails. */
    void run(TransactionStatus status) {
      Object before = status.createSavepoint();
      boolean kept = false;
      try {
        result = work.get();
        kept = keep.test(result);
      } catch (RuntimeException | Error e) {
        failure = e;
      }
      if (!kept) {
        status.rollbackToSavepoint(before);
      }
      status.releaseSavepoint(before);
    }

    void committed() {
      if (failure == null) {
        done.complete(result);
      } else {
        done.completeExceptionally(failure);
      }
    }

    T whenCommitted() {
      try {
        return done.join();
      } catch (CompletionException e) {
        if (e.getCause() instanceof RuntimeException runtime) {
          throw runtime;
        }
        throw e;
      }
    }
  }
}
