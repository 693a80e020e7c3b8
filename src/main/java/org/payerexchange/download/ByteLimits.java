package org.payerexchange.download;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToLongFunction;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.store.OutputFileLedger;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.springframework.util.unit.DataSize;

/**
 * How much a payer may send, so that none fills a disk: in a file, for a transfer, and for all its
 * transfers that go on. What is coming in on this node, and has ended here since the ledger was
 * asked, is counted; what has come is asked of it once a second, or more rarely where it takes long
 * to say, and before anything fails for it.
 */
public final class ByteLimits {
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  /** Of the time that looks at the ledger may take: it sums up all that goes on of a payer. */
  private static final int ONE_PART_IN = 100;

  private final Limit file;
  private final Limit attachment;
  private final Limit transfer;
  private final Limit unfinished;
  private final Map<String, Limit> unfinishedOf;
  private final Total transfers;
  private final Total payers;

  /**
   * Bounds what comes.
   *
   * @param file in bytes, as the others
   * @param attachment instead of that, for one that a line names
   * @param unfinishedOf the payers that have a bound of their own
   * @param ledger knows what has come
   * @param clock measures how long a look at the ledger takes, and is good for
   */
  public ByteLimits(
      Limit file,
      Limit attachment,
      Limit transfer,
      Limit unfinished,
      Map<String, Limit> unfinishedOf,
      OutputFileLedger ledger,
      Clock clock) {
    this.file = file;
    this.attachment = attachment;
    this.transfer = transfer;
    this.unfinished = unfinished;
    this.unfinishedOf = Map.copyOf(unfinishedOf);
    this.transfers = new Total(ledger::receivedFor, clock);
    this.payers = new Total(ledger::unfinishedOf, clock);
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

  /** What comes for each transfer, or of each payer. */
  private static final class Total {
    private final ToLongFunction<String> ledger;
    private final Clock clock;
    private final Map<String, Sum> sums = new ConcurrentHashMap<>();
    private final AtomicReference<Instant> sweepAt = new AtomicReference<>(Instant.MIN);

    Total(ToLongFunction<String> ledger, Clock clock) {
      this.ledger = ledger;
      this.clock = clock;
    }

    /**
     * As far as it is known.
     *
     * @param at when the ledger was asked
     * @param until when it is asked again
     * @param came what it said, with what has ended on this node since
     * @param files how many are coming in on this node
     */
    private record Sum(Instant at, Instant until, long came, long coming, int files) {
      Sum plus(long bytes, int file) {
        return new Sum(at, until, came, coming + bytes, files + file);
      }

      Sum ended(long bytes) {
        return new Sum(at, until, came + bytes, coming - bytes, files - 1);
      }

      long all() {
        return came + coming;
      }

      /** Or asked by a clock that was put back. */
      boolean isOld(Instant now) {
        return !now.isBefore(until) || at.isAfter(now);
      }
    }

    void begin(String of) {
      sweep(clock.instant());
      sums.merge(of, new Sum(Instant.MIN, Instant.MIN, 0, 0, 1), (sum, first) -> sum.plus(0, 1));
    }

    private void sweep(Instant now) {
      Instant due = sweepAt.get();
      if (!now.isBefore(due) || due.isAfter(now.plus(LOOK_EVERY))) {
        sweepAt.set(now.plus(LOOK_EVERY));
        sums.values().removeIf(sum -> sum.files() == 0 && sum.isOld(now));
      }
    }

    void add(String of, long bytes) {
      sums.computeIfPresent(of, (id, sum) -> sum.plus(bytes, 0));
    }

    void end(String of, long bytes) {
      sums.computeIfPresent(of, (id, sum) -> sum.ended(bytes));
    }

    void check(String of, Limit limit, String what) {
      if (look(of, false) > limit.most().toBytes()) {
        limit.check(look(of, true), what);
      }
    }

    private long look(String of, boolean anew) {
      return sums.compute(
              of, (id, sum) -> anew || sum.isOld(clock.instant()) ? asked(id, sum) : sum)
          .all();
    }

    private Sum asked(String of, Sum sum) {
      Instant at = clock.instant();
      long came = ledger.applyAsLong(of);
      Duration rest = Duration.between(at, clock.instant()).multipliedBy(ONE_PART_IN);
      Instant until = at.plus(rest.compareTo(LOOK_EVERY) > 0 ? rest : LOOK_EVERY);
      return new Sum(at, until, came, sum.coming(), sum.files());
    }
  }

  /**
   * Before it is asked for.
   *
   * @throws TransferException {@link FailureReason#TOO_LARGE} if more is announced than is taken
   */
  void expect(OutputFileClaim claim) {
    if (claim.attachment() != null && claim.attachment().size() != null) {
      attachment.check(claim.attachment().size(), "the file is announced with");
    }
  }

  /**
   * Before more is taken of what comes in pages, and is in the ledger page by page.
   *
   * @throws TransferException {@link FailureReason#TOO_LARGE} if too much has come, naming the key
   */
  public void check(ExportJobClaim claim) {
    transfers.begin(claim.transferId());
    payers.begin(claim.payer());
    try {
      checkTotals(claim);
    } finally {
      transfers.end(claim.transferId(), 0);
      payers.end(claim.payer(), 0);
    }
  }

  private void checkTotals(Claim claim) {
    transfers.check(claim.transferId(), transfer, "the %s's files have".formatted(claim.subject()));
    payers.check(
        claim.payer(),
        unfinishedOf.getOrDefault(claim.payer(), unfinished),
        "the payer's unfinished transfers have");
  }

  /** The bytes of one file on their way. */
  Bytes of(OutputFileClaim claim) {
    return new Bytes(claim);
  }

  /** To be ended when the ledger knows of them, or they are given up. */
  final class Bytes {
    private final OutputFileClaim claim;
    private long bytes;
    private boolean ended;

    private Bytes(OutputFileClaim claim) {
      this.claim = claim;
      transfers.begin(claim.transferId());
      payers.begin(claim.payer());
    }

    /**
     * So many are there now, in all.
     *
     * @throws TransferException {@link FailureReason#TOO_LARGE}, naming the key
     */
    synchronized void are(long now) {
      if (ended) {
        return;
      }
      transfers.add(claim.transferId(), now - bytes);
      payers.add(claim.payer(), now - bytes);
      bytes = now;
      (claim.attachment() == null ? file : attachment).check(bytes, "the file has");
      checkTotals(claim);
    }

    synchronized void end() {
      if (ended) {
        return;
      }
      ended = true;
      transfers.end(claim.transferId(), bytes);
      payers.end(claim.payer(), bytes);
    }
  }
}
