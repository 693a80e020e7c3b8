package org.payerexchange.download;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.KeptLease;
import org.payerexchange.step.TransferException;

/** What is asked of a file while it comes: that its lease is kept, its size, and its time. */
final class Arrival {
  private final KeptLease lease;
  private final ByteLimits.Bytes bytes;
  private final Duration deadline;
  private final Clock clock;
  private Instant began;
  private Duration before = Duration.ZERO;

  private Arrival(KeptLease lease, ByteLimits.Bytes bytes, Duration deadline, Clock clock) {
    this.lease = lease;
    this.bytes = bytes;
    this.deadline = deadline;
    this.clock = clock;
    this.began = clock.instant();
  }

  /**
   * What bounds all files.
   *
   * @param limits their size
   * @param deadline {@code p2p.download.deadline}: how long receiving one may take, in all tries
   *     that went on where the one before had stopped; the time between them does not count
   */
  record Bounds(ByteLimits limits, Duration deadline, Clock clock) {
    Arrival of(OutputFileClaim claim, KeptLease lease) {
      ByteLimits.Bytes bytes = limits.of(claim);
      lease.atEnd(bytes::end);
      return new Arrival(lease, bytes, deadline, clock);
    }
  }

  /** From here on it comes; earlier tries took so long already. */
  void goesOnAfter(Duration earlier) {
    before = earlier;
    began = clock.instant();
  }

  /** How long it has taken in all. */
  Duration took() {
    return before.plus(Duration.between(began, clock.instant()));
  }

  /**
   * So many bytes are there.
   *
   * @throws TransferException {@link FailureReason#LEASE_LOST}, or {@link FailureReason#TOO_LARGE}
   *     with the key
   */
  void check(long there) {
    lease.check();
    bytes.are(there);
    if (took().compareTo(deadline) > 0) {
      throw new TransferException(
          FailureReason.TOO_LARGE,
          "receiving the file takes longer than p2p.download.deadline allows");
    }
  }
}
