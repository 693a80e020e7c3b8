package org.payerexchange.split;

import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.payerexchange.delivery.Sinks;
import org.payerexchange.files.Outbox;
import org.payerexchange.ledger.SharedJobMember;
import org.payerexchange.ledger.SplitClaim;
import org.payerexchange.ledger.SplitFile;
import org.payerexchange.ledger.store.SplitLedger;
import org.payerexchange.ledger.store.SplitLedger.SharedFile;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.ConsentDays;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.KeptLease;
import org.payerexchange.step.TransferException;

/**
 * Gives each member of a shared export its own files, a few members at once, each with a commit of
 * its own: from there on its transfer is like any other. A split that ended in between begins anew,
 * and passes over those who have theirs.
 */
public final class SplitByMember {
  private final Payers payers;
  private final SplitFolders folders;
  private final Sinks sinks;
  private final SplitLedger ledger;
  private final Clock clock;

  /**
   * Wires it.
   *
   * @param payers whose exports are split
   * @param outbox where they lie
   * @param folders where members' files end
   * @param sinks who gets these
   * @param ledger learns who has got what
   * @param clock tells whether a consent is in force
   */
  public SplitByMember(
      Payers payers,
      Outbox outbox,
      MemberFolders folders,
      Sinks sinks,
      SplitLedger ledger,
      Clock clock) {
    this.payers = payers;
    this.folders = new SplitFolders(outbox, folders);
    this.sinks = sinks;
    this.ledger = ledger;
    this.clock = clock;
  }

  /**
   * Gives each member who still waits its files.
   *
   * @return what went to nobody, in words without PHI
   * @throws TransferException {@link FailureReason#LEASE_LOST} if the step is another's by now, or
   *     files of the export are fetched again first, {@link FailureReason#TOO_LARGE}, {@link
   *     FailureReason#SINK_UNAVAILABLE} if the outbox cannot be used
   */
  public List<String> split(SplitClaim claim, KeptLease lease) {
    List<SharedJobMember> members = ledger.members(claim);
    List<SharedFile> all = ledger.files(claim);
    List<SharedFile> files = SplitFolders.read(all);
    try {
      folders.look(claim, files, ledger);
      try (MemberSplit split = begin(claim, members, lease)) {
        read(split, folders.sources(claim, files));
        List<String> anybodys =
            split.nobodys().stream()
                .filter(NobodysLines::mayBeAnybodys)
                .map(NobodysLines::inWords)
                .toList();
        FewAtOnce.each(
            members.stream().filter(SharedJobMember::open).toList(),
            member -> serve(claim, member, split, anybodys, lease));
        return Stream.concat(
                split.nobodys().stream().map(NobodysLines::inWords), SplitFolders.unread(all))
            .toList();
      }
    } catch (IOException unusable) {
      throw folders.unusable(unusable);
    }
  }

  private MemberSplit begin(SplitClaim claim, List<SharedJobMember> members, KeptLease lease)
      throws IOException {
    Map<String, SharedJobMember> byTransfer =
        members.stream()
            .collect(Collectors.toMap(SharedJobMember::transferId, Function.identity()));
    return new MemberSplit(
        folders.work(claim),
        payers.get(claim.payer()),
        members.stream().map(SplitByMember::member).toList(),
        member -> isWanted(claim, byTransfer.get(member.transferId())),
        lease::check);
  }

  private static SplitMember member(SharedJobMember member) {
    return new SplitMember(member.transferId(), member.patientId());
  }

  /** Who was served before the split began anew has its lines: they are not nobody's. */
  private boolean isWanted(SplitClaim claim, SharedJobMember member) {
    return member.served()
        || (member.open() && isConsentInForce(member) && ledger.isOpen(claim, member));
  }

  private boolean isConsentInForce(SharedJobMember member) {
    return !ConsentDays.isOver(member.consentEnd(), clock);
  }

  private static void read(MemberSplit split, List<SplitSource> sources) throws IOException {
    try {
      split.read(sources);
    } catch (IllegalArgumentException tooMany) {
      throw new TransferException(
          FailureReason.TOO_LARGE, "the export cannot be split: " + tooMany.getMessage(), tooMany);
    }
  }

  private void serve(
      SplitClaim claim,
      SharedJobMember member,
      MemberSplit split,
      List<String> anybodys,
      KeptLease lease)
      throws IOException {
    Optional<List<MemberFile>> own = split.files(member(member));
    if (own.isPresent()) {
      serve(claim, member, own.get(), anybodys, lease);
    } else if (!isConsentInForce(member)) {
      ledger.notServed(
          claim,
          member,
          FailureReason.CONSENT_EXPIRED,
          "the consent ended before the export was split");
    }
  }

  private void serve(
      SplitClaim claim,
      SharedJobMember member,
      List<MemberFile> own,
      List<String> anybodys,
      KeptLease lease)
      throws IOException {
    Optional<List<SplitFile>> files =
        folders
            .members()
            .publish(
                claim.payer(),
                member.transferId(),
                member.numbers(),
                own,
                () -> {
                  lease.confirm();
                  // forcing files to the disk takes its time
                  return ledger.isOpen(claim, member);
                });
    if (files.isPresent()
        && !ledger.served(
            claim, member, files.get(), sinks.names(false), sinks.names(true), anybodys)) {
      // whose step it is now puts its own there
      lease.confirm();
      folders.members().takeAway(claim.payer(), member.transferId(), files.get());
    }
  }

  /**
   * Ends the export, of which nothing is kept beside what members have.
   *
   * @param warnings what went to nobody
   * @return false if the step is another node's by now
   */
  public boolean end(SplitClaim claim, List<String> warnings) {
    List<SharedFile> files = ledger.files(claim);
    boolean done = ledger.done(claim, warnings);
    if (done) {
      folders.delete(claim, files);
    }
    return done;
  }
}
