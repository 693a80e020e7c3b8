package org.payerexchange.download;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.OutputFileLedger;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.springframework.util.unit.DataSize;

/**
 * How much a payer may send, so that none fills a disk: in a file, for a transfer, and for all its
 * transfers that go on. What is coming in on this node is counted; what has come is asked of the
 * ledger when a file begins, when another one of this node has ended, and every {@value
 * #LOOK_EVERY_BYTES} bytes.
 */
public final class ByteLimits {
  private static final long LOOK_EVERY_BYTES = 64 * 1024 * 1024;
  private static final Duration PAYER_LOOK_EVERY = Duration.ofSeconds(1);

  private final Limit file;
  private final Limit transfer;
  private final Limit unfinished;
  private final Map<String, Limit> unfinishedOf;
  private final OutputFileLedger ledger;
  private final Clock clock;
  private final Map<String, Long> coming = new ConcurrentHashMap<>();
  private final Map<String, Looked> payers = new ConcurrentHashMap<>();
  private final AtomicLong ended = new AtomicLong();

  /**
   * Bounds what comes.
   *
   * @param file in bytes, as the others
   * @param unfinishedOf the payers that have a bound of their own
   * @param ledger knows what has come
   * @param clock a look at a payer's transfers is good for a second
   */
  public ByteLimits(
      Limit file,
      Limit transfer,
      Limit unfinished,
      Map<String, Limit> unfinishedOf,
      OutputFileLedger ledger,
      Clock clock) {
    this.file = file;
    this.transfer = transfer;
    this.unfinished = unfinished;
    this.unfinishedOf = Map.copyOf(unfinishedOf);
    this.ledger = ledger;
    this.clock = clock;
  }

  /**
   * A bound.
   *
   * @param key where it is configured
   */
  public record Limit(String key, DataSize most) {
    private void check(long bytes, String what) {
      if (bytes > most.toBytes()) {
        throw new TransferException(
            FailureReason.TOO_LARGE, "%s more than %s (%s)".formatted(what, inWords(most), key));
      }
    }

    private static String inWords(DataSize size) {
      long bytes = size.toBytes();
      return bytes % (1L << 30) == 0 && bytes > 0
          ? (bytes >> 30) + "GB"
          : bytes % (1L << 20) == 0 && bytes > 0 ? (bytes >> 20) + "MB" : bytes + " bytes";
    }
  }

  private record Looked(Instant at, long bytes) {}

  /** The bytes of one file on their way. */
  Bytes of(OutputFileClaim claim) {
    return new Bytes(claim);
  }

  private long unfinished(String payer) {
    Instant now = clock.instant();
    return payers
        .compute(
            payer,
            (id, last) ->
                last != null && now.isBefore(last.at().plus(PAYER_LOOK_EVERY))
                    ? last
                    : new Looked(now, ledger.unfinishedOf(id)))
        .bytes();
  }

  /** To be ended when the ledger knows of them, or they are given up. */
  final class Bytes {
    private final OutputFileClaim claim;
    private final Limit ofPayer;
    private long bytes;
    private long nextLook;
    private long endedAtLook;
    private long before;

    private Bytes(OutputFileClaim claim) {
      this.claim = claim;
      this.ofPayer = unfinishedOf.getOrDefault(claim.payer(), unfinished);
    }

    /**
     * So many are there now, in all.
     *
     * @throws TransferException {@link FailureReason#TOO_LARGE}, naming the key
     */
    void are(long now) {
      long ofTransfer = count(claim.transferId(), now - bytes);
      long ofAll = count(claim.payer(), now - bytes);
      bytes = now;
      file.check(bytes, "the file has");
      if (bytes >= nextLook || endedAtLook != ended.get()) {
        nextLook = bytes + LOOK_EVERY_BYTES;
        endedAtLook = ended.get();
        before = ledger.receivedFor(claim.transferId());
      }
      transfer.check(before + ofTransfer, "the transfer's files have");
      ofPayer.check(unfinished(claim.payer()) + ofAll, "the payer's unfinished transfers have");
    }

    private long count(String of, long more) {
      return coming.merge(of, more, Long::sum);
    }

    void end() {
      for (String of : new String[] {claim.transferId(), claim.payer()}) {
        coming.computeIfPresent(of, (id, all) -> all == bytes ? null : all - bytes);
      }
      bytes = 0;
      ended.incrementAndGet();
    }
  }
}
