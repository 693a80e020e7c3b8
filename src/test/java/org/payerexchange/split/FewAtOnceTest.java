package org.payerexchange.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FewAtOnceTest {
  private static final List<Integer> MANY = IntStream.range(0, 1000).boxed().toList();

  @Test
  void eachIsTakenOnceAndSeveralAtOnce() throws IOException {
    Queue<Integer> taken = new ConcurrentLinkedQueue<>();
    CyclicBarrier two = new CyclicBarrier(2);

    FewAtOnce.each(
        MANY,
        item -> {
          taken.add(item);
          if (item < 2) {
            await(two);
          }
        });

    assertThat(taken).containsExactlyInAnyOrderElementsOf(MANY);
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(1, TimeUnit.MINUTES);
    } catch (Exception alone) {
      throw new IllegalStateException(alone);
    }
  }

  @Test
  void behindOneThatFailsNoOtherBeginsAndTheFailureIsToldAsItIs() {
    Queue<Integer> taken = new ConcurrentLinkedQueue<>();
    IOException full = new IOException("the disk is full");

    assertThatThrownBy(
            () ->
                FewAtOnce.each(
                    MANY,
                    item -> {
                      taken.add(item);
                      throw full;
                    }))
        .isSameAs(full);

    assertThat(taken).hasSizeBetween(1, 8);
  }

  @Test
  void whoIsInterruptedEndsAndSaysWhy() {
    assertThatThrownBy(
            () -> {
              Thread.currentThread().interrupt();
              FewAtOnce.each(MANY, item -> untilInterrupted());
            })
        .hasCauseInstanceOf(InterruptedException.class);

    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  /** Work that is done at once may end before anybody waits for it, and so is not interrupted. */
  private static void untilInterrupted() {
    try {
      assertThat(new CountDownLatch(1).await(1, TimeUnit.MINUTES)).isFalse();
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void nothingIsDoneOfNothing() throws IOException {
    FewAtOnce.each(
        List.of(),
        item -> {
          throw new IOException("there is none");
        });
  }
}
