package org.payerexchange.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.StoredFile;
import org.payerexchange.step.Lease;

class FilesInTurnTest {
  private static final Instant START = Instant.parse("2026-11-26T12:00:00Z");

  @Test
  void aSinkThatIsOverTimeBeginsNoOtherFile() {
    List<StoredFile> files = List.of(file(1), file(2));
    assertThat(inTurn(files, Duration.ofSeconds(10))).toIterable().hasSize(2);
    assertThat(inTurn(files, Duration.ZERO)).toIterable().as("one is always begun").hasSize(1);
  }

  @Test
  void failuresCountUntilTheSinkTakesSomething() {
    FilesInTurn turn = inTurn(List.of(file(1)), Duration.ofSeconds(10));
    assertThat(turn.failures()).isEqualTo(3);

    turn.gotOn();

    assertThat(turn.failures()).isZero();
  }

  private static FilesInTurn inTurn(List<StoredFile> files, Duration time) {
    DeliveryClaim claim =
        new DeliveryClaim(1, "t", "bison", new Lease(1, 1, 3, START, null), "a", false, 0, 0);
    return new FilesInTurn(claim, files, Clock.fixed(START, ZoneOffset.UTC), time);
  }

  private static StoredFile file(int number) {
    return new StoredFile(
        "t", number, 0, 1, "Patient", number, FileKind.OUTPUT, 1, 10, "sha", "stamp");
  }
}
