package org.payerexchange.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlotsTest {
  private final Slots slots = new Slots(3);

  @Test
  void onlyWhatFitsTheFreeSlotsIsClaimed() {
    assertThat(slots.fill(max -> Collections.nCopies(max - 1, "claim"))).hasSize(2);
    assertThat(slots.fill(max -> Collections.nCopies(max, "claim"))).hasSize(1);
    assertThat(
            slots.<String>fill(
                max -> {
                  throw new AssertionError("asked for " + max);
                }))
        .isEmpty();
  }

  @Test
  void aSlotIsFreedOnceHoweverOftenItIsGivenBack() {
    slots.fill(max -> Collections.nCopies(max, "claim"));
    Slots.Slot slot = slots.hold();
    slot.close();
    slot.close();

    assertThat(slots.fill(max -> Collections.nCopies(max, "claim"))).hasSize(1);
  }

  @Test
  void aClaimThatFailsTakesNoSlot() {
    assertThatThrownBy(
            () ->
                slots.<String>fill(
                    max -> {
                      throw new IllegalStateException("the ledger is away");
                    }))
        .hasMessage("the ledger is away");

    assertThat(slots.fill(max -> List.of(max))).containsExactly(3);
  }
}
