package org.payerexchange.intake;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.payerexchange.intake.IntakeProblem.Reason;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.Registration;
import org.payerexchange.ledger.store.TransferLedger;
import org.payerexchange.ledger.store.WithdrawalLedger;
import org.payerexchange.ledger.store.WithdrawalLedger.NotDone;
import org.payerexchange.ledger.store.WithdrawalLedger.Result;
import org.payerexchange.trace.TransferTraces;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings checked records into the ledger, each batch in one transaction. */
public final class IntakeRegistrar {
  private static final Logger LOG = LoggerFactory.getLogger(IntakeRegistrar.class);
  private static final int MAX_SOURCE = 500;
  private static final int MAX_ACTOR = 100;

  private final TransferLedger ledger;
  private final WithdrawalLedger withdrawals;
  private final TransferTraces traces;
  private final int maxRejections;

  /**
   * Registers with this ledger.
   *
   * @param withdrawals ends what members do not consent to any more
   * @param traces begin with what is registered
   * @param maxRejections how many rejections of one input are told one by one
   */
  public IntakeRegistrar(
      TransferLedger ledger,
      WithdrawalLedger withdrawals,
      TransferTraces traces,
      int maxRejections) {
    this.ledger = ledger;
    this.withdrawals = withdrawals;
    this.traces = traces;
    this.maxRejections = maxRejections;
  }

  /** For the rejections of one input. */
  public RejectionTally tally() {
    return new RejectionTally(maxRejections);
  }

  /**
   * Registers accepted and rejected records; returns after the commit. Withdrawals come first, so
   * that what they end is not asked at all, and what was consented to anew is.
   *
   * @param records of one batch; none, when the input has been read
   */
  public BatchResult register(List<CheckedRecord> records, RejectionTally tally) {
    Map<Long, Result> withdrawn = new HashMap<>();
    records.stream()
        .filter(record -> record.withdrawal() != null)
        .forEach(record -> withdrawn.put(record.raw().number(), withdraw(record)));
    Iterator<Registration> registrations =
        ledger
            .register(
                records.stream()
                    .filter(CheckedRecord::accepted)
                    .map(IntakeRegistrar::entry)
                    .toList())
            .iterator();
    List<BatchResult.Accepted> accepted = new ArrayList<>();
    List<Rejection> rejections = new ArrayList<>();
    int duplicates = 0;
    for (CheckedRecord record : records) {
      if (record.withdrawal() != null) {
        Result result = withdrawn.get(record.raw().number());
        if (result.done() == null) {
          rejections.add(Rejection.of(record, List.of(notWithdrawn(record.raw(), result.why()))));
        } else {
          accepted.add(BatchResult.Accepted.withdrawal(record, result.done()));
        }
        continue;
      }
      if (!record.accepted()) {
        rejections.add(Rejection.of(record, record.problems()));
        continue;
      }
      Registration registration = registrations.next();
      switch (registration.status()) {
        case NEW -> {
          traces.received(registration.transferId(), record.record().payer());
          accepted.add(accepted(record, registration));
        }
        case DUPLICATE -> {
          accepted.add(accepted(record, registration));
          duplicates++;
        }
        case WITHDRAWN -> rejections.add(Rejection.of(record, List.of(withdrawn(record.raw()))));
        case CONFLICT -> rejections.add(Rejection.of(record, List.of(conflict(record.raw()))));
        case REJECTED -> throw new IllegalStateException("an accepted record was not registered");
      }
    }
    List<Rejection> told = records.isEmpty() ? tally.rest() : tally.oneByOne(rejections);
    ledger.register(told.stream().map(IntakeRegistrar::rejected).toList());
    told.forEach(IntakeRegistrar::log);
    return new BatchResult(accepted, duplicates, told);
  }

  /** Records the rejection of a whole message that is not read, or could not be worked on. */
  public Rejection refuse(ReceivedMessage message, Throwable failure) {
    IntakeProblem problem =
        failure instanceof IntakeRefusal refusal
            ? refusal.problem()
            : IntakeProblem.unreadable("cannot be worked on; the log says where that failed");
    byte[] original =
        message.original() instanceof byte[] bytes
            ? bytes
            : message.original() instanceof String text
                ? text.getBytes(StandardCharsets.UTF_8)
                : new byte[0];
    Rejection rejection =
        new Rejection(
            message.source(),
            1,
            RecordForm.UNKNOWN,
            new OriginalRecord(original),
            List.of(problem));
    ledger.register(List.of(rejected(rejection)));
    log(rejection);
    return rejection;
  }

  /** Records the rejection of a whole file that is not read. */
  public Rejection refuseFile(InboxReading reading, IntakeRefusal refusal) {
    Rejection rejection =
        new Rejection(
            new IntakeSource(reading.file().name(), reading.file().payer(), null),
            1,
            RecordForm.UNKNOWN,
            new OriginalRecord(new byte[0]).asBeginning(),
            List.of(refusal.problem()));
    ledger.register(List.of(rejected(rejection)));
    log(rejection);
    return rejection;
  }

  /** Tells how many records of one input have come, once all are in the ledger. */
  public void taken(IntakeSource from, IntakeResult result) {
    LOG.info(
        "intake: {}: {} taken, {} of them known already, {} rejected",
        from.name(),
        result.accepted(),
        result.duplicates(),
        result.rejected());
  }

  private static void log(Rejection rejection) {
    LOG.warn(
        "intake: record {} of {} is rejected: {}",
        rejection.number(),
        rejection.source().name(),
        rejection.reason());
  }

  /** The rejections of a batch, for the route to hand them back one by one. */
  public List<Rejection> rejections(BatchResult batch) {
    return batch.rejections();
  }

  private static BatchResult.Accepted accepted(CheckedRecord record, Registration registration) {
    return new BatchResult.Accepted(
        record.raw().number(), registration.transferId(), record.record().requestId(), null);
  }

  private static IntakeEntry entry(CheckedRecord checked) {
    CanonicalRecord record = checked.record();
    return new IntakeEntry.Accepted(
        source(checked.source()),
        Math.toIntExact(checked.raw().number()),
        record.requestId(),
        record.payer(),
        record.sha256(),
        record.requestJson(),
        record.consentStart(),
        record.consentEnd(),
        record.consentPolicy(),
        record.enrolledOn(),
        record.ids(),
        record.repeat());
  }

  private static IntakeEntry rejected(Rejection rejection) {
    return new IntakeEntry.Rejected(
        source(rejection.source()),
        Math.toIntExact(rejection.number()),
        rejection.original().sha256(),
        rejection.reason());
  }

  private Result withdraw(CheckedRecord record) {
    Withdrawal withdrawal = record.withdrawal();
    String source = record.source().name();
    String by =
        source.substring(Math.max(0, source.length() - MAX_ACTOR)) + " #" + record.raw().number();
    Result result =
        withdrawals.withdraw(withdrawal.payer(), withdrawal.ids(), withdrawal.requestId(), by);
    return result;
  }

  private static IntakeProblem withdrawn(RawRecord raw) {
    return new IntakeProblem(
        Reason.NO_CONSENT,
        IntakeField.CONSENT_START.in(raw.form()),
        "is before the member withdrew, or the consent is the one that was withdrawn: it takes a newer consent");
  }

  private static IntakeProblem notWithdrawn(RawRecord raw, NotDone why) {
    return switch (why) {
      case UNKNOWN ->
          new IntakeProblem(
              Reason.UNKNOWN_REQUEST, "", "withdraws nothing that this payer was asked");
      case SEVERAL ->
          new IntakeProblem(
              Reason.INVALID,
              IntakeField.CONSENT_ID.in(raw.form()),
              "is that of several members: say which one by an id of the member");
      case ANOTHERS ->
          new IntakeProblem(
              Reason.INVALID,
              IntakeField.CONSENT_ID.in(raw.form()),
              "is that of another member than the other ids tell: give only what is right");
    };
  }

  private static IntakeProblem conflict(RawRecord raw) {
    return new IntakeProblem(
        Reason.CONFLICT,
        IntakeField.REQUEST_ID.in(raw.form()),
        "is known already, with other content: give a corrected record a new requestId");
  }

  private static String source(IntakeSource source) {
    String name = source.name();
    return name.length() > MAX_SOURCE ? name.substring(name.length() - MAX_SOURCE) : name;
  }
}
