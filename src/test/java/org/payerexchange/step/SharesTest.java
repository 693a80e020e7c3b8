package org.payerexchange.step;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SharesTest {

  @Test
  void slotsThatComeBackSoonAreAllShared() {
    Shares shares = Shares.ofAll(9);

    assertThat(shares.of("a", 2)).isEqualTo(5);
    shares.take("a", 5);
    assertThat(shares.of("b", 1)).isEqualTo(4);
    shares.take("b", 4);
    assertThat(shares.isEmpty()).isTrue();
  }

  @Test
  void whoHasSlotsLeavesAQuarterToThoseWithout() {
    assertThat(Shares.keepingSome(10, Map.of("a", 6)).of("a", 1)).isEqualTo(6);
    assertThat(Shares.keepingSome(4, Map.of("a", 12)).of("a", 1)).isZero();
    assertThat(Shares.keepingSome(4, Map.of("a", 12)).of("b", 1)).isEqualTo(1);
  }

  @Test
  void fivePayersThatKeepTheirSlotsForEverLeaveOneWhateverTheirOrder() {
    Map<String, Integer> held = new HashMap<>();
    int free = 16;
    for (String payer : new String[] {"a", "b", "c", "d", "e"}) {
      int share = Math.min(8, Shares.keepingSome(free, held).of(payer, 1));
      held.put(payer, share);
      free -= share;
    }

    assertThat(Shares.keepingSome(free, held).of("f", 1)).isEqualTo(1);
  }

  @Test
  void aSingleSlotIsUsed() {
    assertThat(Shares.keepingSome(1, Map.of()).of("a", 1)).isEqualTo(1);
  }
}
