package org.payerexchange.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

@Timeout(300)
class AnswerRoomTest {
  private static final Duration LONG = Duration.ofMinutes(3);

  @Test
  void oneAnswerMayAlwaysGoOnHoweverLargeItIs() {
    AnswerRoom.Share share = new AnswerRoom(100, Duration.ofMillis(1)).share("bison");

    share.take(1000);
    share.take(1000);
  }

  @Test
  void whatDoesNotFitWaitsUntilOthersAreClosed() {
    AnswerRoom room = new AnswerRoom(100, LONG);
    AnswerRoom.Share beyond = room.share("bison");
    beyond.take(200);
    AnswerRoom.Share next = room.share("heron");
    CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> next.take(10));

    assertThat(waiting).isNotDone();
    beyond.close();

    await().atMost(LONG).until(waiting::isDone);
    assertThat(waiting).isCompleted();
  }

  @Test
  void whatFindsNoRoomInTimeIsTriedAgainLater() {
    AnswerRoom room = new AnswerRoom(100, Duration.ofMillis(50));
    room.share("bison").take(200);

    assertThatThrownBy(() -> room.share("heron").take(10))
        .isInstanceOf(TransferException.class)
        .hasMessageContaining("p2p.http.max-memory")
        .extracting(failure -> ((TransferException) failure).reason())
        .isEqualTo(FailureReason.PAYER_UNAVAILABLE);
  }

  @Test
  void thePayerThatFillsItsHalfLeavesTheOtherToOthers() {
    AnswerRoom room = new AnswerRoom(100, Duration.ofMillis(50));
    room.share("bison").take(50);
    room.share("bison").take(30);
    assertThatThrownBy(() -> room.share("bison").take(1)).isInstanceOf(TransferException.class);

    room.share("heron").take(20);
  }

  @Test
  void answersThatAllGrowBeyondTheRoomNeverWaitForEachOtherForEver() {
    AnswerRoom room = new AnswerRoom(100, LONG);
    List<CompletableFuture<Void>> answers =
        IntStream.range(0, 8)
            .mapToObj(
                answer ->
                    CompletableFuture.runAsync(
                        () -> {
                          try (AnswerRoom.Share share = room.share("payer-" + answer)) {
                            IntStream.range(0, 20).forEach(part -> share.take(10));
                          }
                        },
                        task -> new Thread(task).start()))
            .toList();

    assertThat(CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)))
        .succeedsWithin(LONG);
  }
}
