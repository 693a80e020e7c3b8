package org.payerexchange.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class StateTest {

  @Test
  void aCompleteTransferStaysComplete() {
    assertThat(TransferState.COMPLETE.successors()).isEmpty();
    assertThatThrownBy(() -> TransferState.COMPLETE.to(TransferState.RECEIVED))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("TransferState COMPLETE cannot become RECEIVED");
  }

  @Test
  void noStateSkipsTheStepBeforeIt() {
    assertThatThrownBy(() -> TransferState.RECEIVED.to(TransferState.COMPLETE))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> JobState.RUNNING.to(JobState.SPLITTING))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> FileState.FAILED.to(FileState.STORED))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> DeliveryState.DONE.to(DeliveryState.FAILED))
        .isInstanceOf(IllegalStateException.class);
  }
}
