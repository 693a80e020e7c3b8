package org.payerexchange.ledger.store;

import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Changes of an H2 ledger: one thread makes them one after the other, and all that come within a
 * few milliseconds share a commit. A commit of H2 writes each page anew that has changed, so that
 * nearly all the cost is in the commits; and claims that take turns need no SKIP LOCKED, with which
 * H2 starves a second claimer. The disk is forced once for all of them. Leases come first in each
 * commit, where all that they read is committed. Nobody is told before the commit, and whoever
 * waits for one that fails is told that.
 */
final class SharedCommits implements Changes {
  private static final int MOST_A_COMMIT = 256;

  /** From the end of a commit that was shared to the next; who comes alone does not wait. */
  private static final long NANOS_APART = Duration.ofMillis(2).toNanos();

  /** How long a disk may say nothing; whoever waits is told then, and may not be by itself. */
  private static final Duration SILENCE = LedgerDatabase.SILENCE;

  private final TransactionTemplate transactions;
  private final H2File file;
  private final Queue<Change<?>> leases = new ConcurrentLinkedQueue<>();
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
  private Change<?> current;

  SharedCommits(TransactionTemplate transactions, H2File file) {
    this.transactions = transactions;
    this.file = file;
  }

  @Override
  public <T> T make(Supplier<T> work, Predicate<T> keep) {
    return enqueue(waiting, new Change<>(work, keep));
  }

  @Override
  public <T> T lease(Supplier<T> work) {
    return enqueue(leases, new Change<>(work, leased -> true));
  }

  @Override
  public void afterCommit(Runnable work) {
    current.then.add(work);
  }

  private <T> T enqueue(Queue<Change<?>> queue, Change<T> change) {
    queue.add(change);
    commitSoon();
    return change.whenDone();
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
    failWaiting(new DataAccessResourceFailureException("the ledger is closed"));
  }

  private void commitSoon() {
    if (!commitComes.compareAndSet(false, true)) {
      return;
    }
    try {
      thread.execute(this::commitTogether);
    } catch (RejectedExecutionException closed) {
      commitComes.set(false);
      failWaiting(closed);
    }
  }

  private void commitTogether() {
    List<Change<?>> changes = new ArrayList<>();
    try {
      file.commitComes();
      transactions.executeWithoutResult(
          status -> {
            waitForOthers();
            commitComes.set(false);
            run(leases, changes, status);
            run(waiting, changes, status);
          });
      file.commitIsMade();
      changes.stream().map(change -> change.failure).filter(Objects::nonNull).forEach(file::failed);
      changes.forEach(Change::complete);
    } catch (RuntimeException | Error e) {
      commitComes.set(false);
      file.failed(e);
      changes.forEach(change -> change.fail(e));
      if (changes.isEmpty()) {
        // it did not come as far as to any: nothing that waits would do better
        failWaiting(e);
      }
    }
    nextCommit = System.nanoTime() + (changes.size() > 1 ? NANOS_APART : 0);
    if (!waiting.isEmpty() || !leases.isEmpty()) {
      commitSoon();
    }
  }

  private void waitForOthers() {
    for (long left = nextCommit - System.nanoTime();
        left > 0;
        left = nextCommit - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private void run(Queue<Change<?>> queue, List<Change<?>> changes, TransactionStatus status) {
    while (changes.size() < MOST_A_COMMIT && !queue.isEmpty()) {
      Change<?> change = queue.remove();
      changes.add(change);
      current = change;
      change.run(status);
    }
  }

  private void failWaiting(Throwable cause) {
    for (Queue<Change<?>> queue : List.of(leases, waiting)) {
      for (Change<?> change = queue.poll(); change != null; change = queue.poll()) {
        change.fail(cause);
      }
    }
  }

  private static final class Change<T> {
    private final Supplier<T> work;
    private final Predicate<T> keep;
    private final CompletableFuture<T> done = new CompletableFuture<>();
    private final List<Runnable> then = new ArrayList<>();
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
        then.clear();
      }
      status.releaseSavepoint(before);
    }

    void complete() {
      then.forEach(Runnable::run);
      if (failure == null) {
        done.complete(result);
      } else {
        fail(failure);
      }
    }

    void fail(Throwable cause) {
      done.completeExceptionally(cause);
    }

    /** Not by {@code orTimeout}: its thread never ends, and would hold an OSGi bundle's classes. */
    T whenDone() {
      try {
        return Uninterruptibles.getUninterruptibly(done, SILENCE);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException runtime
            ? runtime
            : new CompletionException(e.getCause());
      } catch (TimeoutException e) {
        throw new DataAccessResourceFailureException("the ledger says nothing", e);
      }
    }
  }
}
