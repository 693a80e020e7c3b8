package org.payerexchange.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
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
  void aSlotIsFreedOnceHoweverOftenItIsGivenBack() throws Exception {
    slots.fill(max -> Collections.nCopies(max, "claim"));
    try (DefaultCamelContext context = new DefaultCamelContext()) {
      Slots.Held held = slots.hold(new DefaultExchange(context));
      slots.free(held);
      held.onDone(null);
    }

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
