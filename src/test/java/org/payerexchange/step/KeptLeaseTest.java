package org.payerexchange.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** What makes sure, right before a step changes what others see, that the step is still ours. */
class KeptLeaseTest {
  private static final Duration LONG = Duration.ofHours(1);

  private final AtomicInteger renewals = new AtomicInteger();

  @Test
  void aYoungLeaseIsLookedAtAndNotRenewed() {
    lease(true, true, LONG).confirm();

    assertThat(renewals).hasValue(0);
  }

  @Test
  void aNewLeaseIsNotEvenLookedAtWhereWhatFollowsCanBeTakenBack() {
    lease(true, false, LONG).confirmUnlessNew();

    assertThat(renewals).hasValue(0);
  }

  @Test
  void oneThatIsOnlyGoodForAMomentIsNeverNew() {
    assertThatThrownBy(lease(false, true, Duration.ZERO)::confirmUnlessNew)
        .isInstanceOf(TransferException.class);
  }

  @Test
  void anOldLeaseIsRenewed() {
    lease(true, false, Duration.ZERO).confirm();

    assertThat(renewals).hasValue(1);
  }

  @Test
  void aYoungLeaseIsLostWithAStepThatWasDropped() {
    assertLost(lease(true, false, LONG));
  }

  @Test
  void anOldLeaseThatAnotherNodeHasIsLost() {
    assertLost(lease(false, true, Duration.ZERO));
  }

  @Test
  void aLeaseIsKeptWhileNobodyCanBeAsked() {
    KeptLease lease = away(LONG);

    lease.confirm();
    lease.check();
  }

  @Test
  void aLeaseThatHasRunOutIsLostWhileNobodyCanBeAsked() {
    assertLost(away(Duration.ZERO));
  }

  private static KeptLease away(Duration goodFor) {
    BooleanSupplier away =
        () -> {
          throw new IllegalStateException("the ledger is away");
        };
    return new KeptLease(away, away, goodFor);
  }

  private static void assertLost(KeptLease lease) {
    assertThatThrownBy(lease::confirm)
        .isInstanceOfSatisfying(
            TransferException.class,
            lost -> assertThat(lost.reason()).isEqualTo(FailureReason.LEASE_LOST));
    assertThatThrownBy(lease::check).isInstanceOf(TransferException.class);
  }

  private KeptLease lease(boolean renewed, boolean ours, Duration goodFor) {
    return new KeptLease(
        () -> {
          renewals.incrementAndGet();
          return renewed;
        },
        () -> ours,
        goodFor);
  }
}
