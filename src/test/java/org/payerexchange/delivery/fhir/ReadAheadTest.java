package org.payerexchange.delivery.fhir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void endThreads() {
    threads.shutdownNow();
  }

  @Test
  void allElementsComeInTheirOrder() throws Exception {
    try (Source source = new Source(List.of(1, 2, 3));
        ReadAhead<Integer, Source> ahead = new ReadAhead<>(source, threads)) {
      assertThat(ahead).toIterable().containsExactly(1, 2, 3);
      assertThatThrownBy(ahead::next).isInstanceOf(NoSuchElementException.class);
    }
  }

  @Test
  void theNextElementIsMadeWhileTheOneBeforeIsInUse() throws Exception {
    try (Source source = new Source(List.of(1, 2));
        ReadAhead<Integer, Source> ahead = new ReadAhead<>(source, threads)) {
      ahead.next();
      assertThat(source.secondMade.await(1, TimeUnit.MINUTES)).isTrue();
    }
  }

  @Test
  void whetherThereIsMoreIsKnownBeforeItIsMade() throws Exception {
    CountDownLatch allowed = new CountDownLatch(1);
    try (Source source = new Source(List.of(1, 2));
        ReadAhead<Integer, Source> ahead = new ReadAhead<>(source, threads)) {
      source.before(2, allowed);
      ahead.next();
      assertThat(ahead.hasNext()).isTrue();
      allowed.countDown();
      assertThat(ahead.next()).isEqualTo(2);
      assertThat(ahead.hasNext()).isFalse();
    }
  }

  @Test
  void aFailureComesWhereTheElementWouldHave() throws Exception {
    try (Source source = new Source(List.of(1, -1));
        ReadAhead<Integer, Source> ahead = new ReadAhead<>(source, threads)) {
      assertThat(ahead.next()).isEqualTo(1);
      assertThatThrownBy(ahead::next).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void theSourceIsClosedOnlyWhenNobodyReadsItAnyMore() throws Exception {
    CountDownLatch allowed = new CountDownLatch(1);
    Source source = new Source(List.of(1, 2));
    source.before(2, allowed);
    ReadAhead<Integer, Source> ahead = new ReadAhead<>(source, threads);
    ahead.next();
    threads.execute(allowed::countDown);
    ahead.close();
    assertThat(source.closedWhileReading).isFalse();
    assertThat(source.closed).isTrue();
  }

  /** Numbers, of which a negative one cannot be read. */
  private static final class Source implements Iterator<Integer>, Closeable {
    private final Iterator<Integer> numbers;
    private final CountDownLatch secondMade = new CountDownLatch(2);
    private volatile int held;
    private volatile CountDownLatch until = new CountDownLatch(0);
    private volatile boolean reading;
    private volatile boolean closed;
    private volatile boolean closedWhileReading;

    Source(List<Integer> numbers) {
      this.numbers = numbers.iterator();
    }

    void before(int number, CountDownLatch allowed) {
      held = number;
      until = allowed;
    }

    @Override
    public boolean hasNext() {
      return numbers.hasNext();
    }

    @Override
    public Integer next() {
      reading = true;
      int next = numbers.next();
      if (next < 0) {
        throw new IllegalArgumentException("negative");
      }
      if (next == held) {
        awaitAllowed();
      }
      secondMade.countDown();
      reading = false;
      return next;
    }

    private void awaitAllowed() {
      try {
        until.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() {
      closedWhileReading = reading;
      closed = true;
    }
  }
}
