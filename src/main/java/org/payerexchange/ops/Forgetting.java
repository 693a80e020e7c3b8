package org.payerexchange.ops;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.payerexchange.files.Outbox;
import org.payerexchange.files.SharedFolders;
import org.payerexchange.files.TransferFolders;
import org.payerexchange.ledger.store.ForgetLedger;
import org.payerexchange.payer.Payer;

/** Removes what is held of a member, and says what is out of reach. */
public final class Forgetting {
  private static final int LONGEST_ID = 36;

  private final ForgetLedger ledger;
  private final Outbox outbox;
  private final TransferFolders work;
  private final SharedFolders folders;

  /**
   * Works on this ledger and these folders.
   *
   * @param folders whether they are there, and this ledger's
   */
  public Forgetting(
      ForgetLedger ledger, Outbox outbox, TransferFolders work, SharedFolders folders) {
    this.ledger = ledger;
    this.outbox = outbox;
    this.work = work;
    this.folders = folders;
  }

  /**
   * What was removed, and was not before.
   *
   * @param transfers of how many transfers
   * @param recurrences how many recurring requests, which are not asked again
   * @param left what may still hold something of the member, one a line
   */
  public record Forgotten(int transfers, int recurrences, List<String> left) {}

  /**
   * Forgets the member of a request: request, jobs and files in ledger and folders; the audit trail
   * stays.
   *
   * @param request has the payer and the sender's id, or a transfer, whose request is meant
   * @throws OpsRefusal 400, 404 if there is no such request or transfer, 409 while a transfer of it
   *     goes on, 503 where the folders are not there or not the ledger's
   */
  public Forgotten forget(Map<String, ?> request) throws IOException {
    Asked asked = new Asked(request);
    ForgetLedger.Subject subject = subject(asked);
    String payer = subject.payer();
    if (!folders.areSeen()) {
      throw new OpsRefusal(
          503, "the folders are not those of the ledger: ask a node that sees them");
    }
    String actor = Operations.actor(asked);
    if (!ended(subject).isEmpty()) {
      requireFolders();
    }
    List<Boolean> recurrences = ledger.stop(subject, actor);
    // it may have been asked once more meanwhile
    List<ForgetLedger.Known> known = ended(subject);
    // what repeats outlives its transfers
    if (known.isEmpty() && recurrences.isEmpty()) {
      throw new OpsRefusal(404, "there is no such request");
    }
    NavigableSet<String> left = new TreeSet<>();
    for (ForgetLedger.Known transfer : known) {
      if (!ledger.forget(transfer.id(), actor)) {
        throw goesOn();
      }
      work.deleteAll(transfer.id());
      outbox.incoming().deleteAll(transfer.id());
      boolean found = outbox.deleteFolder(payer, transfer.id());
      left.add(
          "%s, from where the request came: files that were read are in inbox/.done, rejected records in inbox/.rejected, until their time is over"
              .formatted(transfer.source()));
      if (transfer.isForgotten()) {
        left.add("the sinks and folders, if any, that were named when it was forgotten first");
      } else if (!found) {
        left.add(
            "%s, which is not there: whoever took it has the data, or it is in another outbox"
                .formatted(outbox.folder(payer, transfer.id())));
      }
      transfer.sinks().forEach(sink -> left.add("sink " + sink + ", which has had the data"));
    }
    left.add("payer " + payer + ", who was asked");
    left.add("backups, and what else was copied out of the outbox");
    left.add("free pages of the database, until they are written anew");
    return new Forgotten(
        (int) known.stream().filter(transfer -> !transfer.isForgotten()).count(),
        (int) recurrences.stream().filter(held -> held).count(),
        List.copyOf(left));
  }

  /** Started elsewhere, relative paths lead elsewhere, and nothing would be found there. */
  private void requireFolders() {
    List<String> missing = folders.missing();
    if (!missing.isEmpty()) {
      throw new OpsRefusal(
          503,
          String.join("; ", missing)
              + ": nothing is forgotten; a relative path starts where the command is started");
    }
  }

  private ForgetLedger.Subject subject(Asked asked) {
    String transfer = asked.text("transfer", LONGEST_ID);
    String requestId = asked.requestId();
    if (transfer == null) {
      String payer = asked.required(Payer.ID, "payer");
      if (requestId == null) {
        throw new OpsRefusal(400, "requestId is missing; where there is none, name the transfer");
      }
      return ForgetLedger.Subject.ofRequest(payer, requestId);
    }
    if (requestId != null || asked.text("payer") != null) {
      throw new OpsRefusal(400, "name a transfer, or payer and requestId, not both");
    }
    return ledger
        .subject(transfer)
        .orElseThrow(
            () ->
                new OpsRefusal(
                    404,
                    "there is no such transfer of a member; a rejected record is in inbox/.rejected, or in the rejected queue, and nowhere else"));
  }

  private List<ForgetLedger.Known> ended(ForgetLedger.Subject subject) {
    List<ForgetLedger.Known> known = ledger.known(subject);
    if (known.stream().anyMatch(ForgetLedger.Known::isOpen)) {
      throw goesOn();
    }
    return known;
  }

  private static OpsRefusal goesOn() {
    return new OpsRefusal(
        409, "a transfer of it goes on, or its job is still to be released: cancel it, and wait");
  }
}
