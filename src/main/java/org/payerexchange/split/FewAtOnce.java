package org.payerexchange.split;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.MoreExecutors;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Does work of which most is waiting for the disk: what is forced by several threads at once the
 * disk takes together.
 */
final class FewAtOnce {
  private static final int THREADS = 8;
  private static final Duration LONGEST_END = Duration.ofMinutes(1);

  private FewAtOnce() {}

  /** What is done with each. */
  @FunctionalInterface
  interface Work<T> {
    void take(T item) throws IOException;
  }

  /**
   * Takes each item once, about in their order. Behind one that fails no other begins, and those
   * that have begun end before this does.
   *
   * @throws IOException the failure, or any other that it was
   */
  static <T> void each(Collection<T> items, Work<T> work) throws IOException {
    Queue<T> waiting = new ConcurrentLinkedQueue<>(items);
    Callable<Void> thread =
        () -> {
          try {
            for (T item = waiting.poll(); item != null; item = waiting.poll()) {
              work.take(item);
            }
            return null;
          } finally {
            waiting.clear();
          }
        };
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      for (Future<Void> each : threads.invokeAll(Collections.nCopies(THREADS, thread))) {
        each.get();
      }
    } catch (ExecutionException failed) {
      Throwables.throwIfInstanceOf(failed.getCause(), IOException.class);
      Throwables.throwIfUnchecked(failed.getCause());
      throw new IllegalStateException(failed.getCause());
    } catch (InterruptedException stopping) {
      // who gives the step back does so in this thread
      throw new IllegalStateException("this node is stopping", stopping);
    } finally {
      MoreExecutors.shutdownAndAwaitTermination(threads, LONGEST_END);
    }
  }
}
