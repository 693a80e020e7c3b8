package org.payerexchange.delivery.fhir;

import java.io.Closeable;
import java.io.IOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * Has the next element made by another thread while the one before it is used. Whether there is a
 * next one is known before it is made: Camel's splitter asks for that first. Not thread-safe.
 */
final class ReadAhead<T, S extends Iterator<T> & Closeable> implements Iterator<T>, Closeable {
  private final S source;
  private final Executor thread;
  private boolean more;
  private CompletableFuture<Made<T>> next;

  private record Made<T>(T element, boolean more) {}

  /**
   * Begins to read.
   *
   * @param source used by one thread at a time
   * @param thread runs what it is given at once or refuses it
   */
  ReadAhead(S source, Executor thread) {
    this.source = source;
    this.thread = thread;
    this.more = source.hasNext();
    makeNext();
  }

  private void makeNext() {
    next =
        more
            ? CompletableFuture.supplyAsync(
                () -> new Made<>(source.next(), source.hasNext()), thread)
            : CompletableFuture.failedFuture(new NoSuchElementException());
  }

  @Override
  public boolean hasNext() {
    return more;
  }

  @Override
  public T next() {
    try {
      Made<T> made = next.join();
      more = made.more();
      makeNext();
      return made.element();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw failed;
    }
  }

  @Override
  public void close() throws IOException {
    next.handle((made, failure) -> null).join();
    source.close();
  }
}
