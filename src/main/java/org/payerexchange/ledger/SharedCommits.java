package org.payerexchange.ledger;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Changes of an H2 ledger: one thread makes them one after the other, and all that come within a
 * few milliseconds share a commit. A commit of H2 writes each page anew that has changed, so that
 * nearly all the cost is in the commits; and claims that take turns need no SKIP LOCKED, with which
 * H2 starves a second claimer.
 */
final class SharedCommits implements Changes {
  private static final int MOST_A_COMMIT = 256;

  /** From the end of a commit that was shared to the next; who comes alone does not wait. */
  private static final long NANOS_APART = Duration.ofMillis(3).toNanos();

  private final TransactionTemplate transactions;
  private final H2File file;
  private final Queue<Change<?>> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean commitComes = new AtomicBoolean();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread committer = new Thread(work, "ledger-commits");
            committer.setDaemon(true);
            return committer;
          });
  private long nextCommit = System.nanoTime();

  SharedCommits(TransactionTemplate transactions, H2File file) {
    this.transactions = transactions;
    this.file = file;
  }

  @Override
  public <T> T make(Supplier<T> work, Predicate<T> keep) {
    Change<T> change = new Change<>(work, keep);
    waiting.add(change);
    commitSoon();
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

  private void commitSoon() {
    if (!commitComes.compareAndSet(false, true)) {
      return;
    }
    try {
      thread.execute(this::commitTogether);
    } catch (RejectedExecutionException closed) {
      commitComes.set(false);
      while (!waiting.isEmpty()) {
        Optional.ofNullable(waiting.poll())
            .ifPresent(change -> change.done.completeExceptionally(closed));
      }
    }
  }

  private void commitTogether() {
    LockSupport.parkNanos(nextCommit - System.nanoTime());
    commitComes.set(false);
    if (waiting.isEmpty()) {
      return;
    }
    List<Change<?>> changes = new ArrayList<>();
    try {
      file.commitComes();
      transactions.executeWithoutResult(status -> makeWaiting(changes, status));
      changes.forEach(Change::committed);
    } catch (RuntimeException | Error e) {
      changes.forEach(change -> change.done.completeExceptionally(e));
    }
    nextCommit = System.nanoTime() + (changes.size() > 1 ? NANOS_APART : 0);
    if (!waiting.isEmpty()) {
      commitSoon();
    }
  }

  private void makeWaiting(List<Change<?>> changes, TransactionStatus status) {
    while (changes.size() < MOST_A_COMMIT && !waiting.isEmpty()) {
      Change<?> change = waiting.remove();
      changes.add(change);
      change.run(status);
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
