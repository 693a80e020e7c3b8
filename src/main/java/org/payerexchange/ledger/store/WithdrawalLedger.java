package org.payerexchange.ledger.store;

import com.google.common.collect.Sets;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.Recurrence.State;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Members who withdraw their consent: what is open of them at the payer ends, and nothing is asked
 * of it any more until there is a newer consent. What was delivered stays.
 */
public final class WithdrawalLedger {
  private static final String WEAK = "x";

  private static final Logger LOG = LoggerFactory.getLogger(WithdrawalLedger.class);

  private final LedgerDatabase database;
  private final OperatorLedger operator;
  private final Withdrawals withdrawals;
  private final Recurrences recurrences;
  private final IdHashes hashes;
  private final KnownRequests requests;
  private final Clock clock;

  /** Ends transfers with this. */
  public WithdrawalLedger(LedgerDatabase database, OperatorLedger operator, Clock clock) {
    this.database = database;
    this.operator = operator;
    this.clock = clock;
    this.withdrawals = new Withdrawals(database);
    this.recurrences = new Recurrences(database);
    this.hashes = new IdHashes(database);
    this.requests = new KnownRequests(database);
  }

  /**
   * What a withdrawal ended.
   *
   * @param transfers open ones that were given up, and failed ones that are not retried any more
   * @param recurrences requests that are not asked again
   */
  public record Withdrawn(int transfers, int recurrences) {}

  /** Why nothing was withdrawn. */
  public enum NotDone {
    /** No request of the payer is known by what was given. */
    UNKNOWN,
    /** What is given is that of several members. */
    SEVERAL,
    /** A part of what is given is one member's, another part another's. */
    ANOTHERS
  }

  /**
   * What became of a withdrawal.
   *
   * @param done null where nothing was done
   * @param why null where it was
   */
  public record Result(Withdrawn done, NotDone why) {}

  /**
   * Withdraws. What was done before is done again without harm; where a consent is named that was
   * withdrawn with the member before, newer ones stay. A coverage alone stands for all who have it,
   * anything else for one member: what is given beside narrows, and is not to be somebody else's,
   * since one of them is wrong then. Senders may well use one id for many, of consents, and of
   * members too.
   *
   * @param ids of the member, its coverage or its consent, as {@link IntakeEntry.Accepted#ids} has
   *     them; behind {@code x:} what is a member's only if a request is known by it
   * @param requestId the sender's, of a transfer whose member is meant; or null
   * @param by who says so, for the audit trail: without PHI
   */
  public Result withdraw(String payer, Set<String> ids, String requestId, String by) {
    Set<String> strong = ids.stream().filter(id -> !isWeak(id)).collect(Collectors.toSet());
    Set<String> weak =
        ids.stream()
            .filter(WithdrawalLedger::isWeak)
            .map(id -> IdHashes.MEMBER + id.substring(WEAK.length()))
            .collect(Collectors.toSet());
    WhoWithdraws who =
        new WhoWithdraws(
            requests, payer, hashes.of(payer, strong), hashes.of(payer, weak), requestId);
    Instant now = clock.instant();
    Ended ended =
        database.change(
            () -> {
              withdrawals.alone();
              return end(payer, who, by, now);
            });
    if (ended.why() != null) {
      return new Result(null, ended.why());
    }
    int transfers = 0;
    for (KnownRequest open : requests.asking(payer, ended.links())) {
      // what repeats may have been due meanwhile
      boolean isMeant =
          ended.ids().contains(open.id())
              || (open.recurrence() != null && ended.ids().contains(open.recurrence()));
      transfers += isMeant && operator.withdraw(open.id(), by) ? 1 : 0;
    }
    LOG.info(
        "{} withdraws at payer {}: {} transfers ended, {} requests are not asked again",
        by,
        payer,
        transfers,
        ended.recurrences());
    return new Result(new Withdrawn(transfers, ended.recurrences()), null);
  }

  /**
   * What ends.
   *
   * @param why null, or why nothing does
   * @param links hashes by which it is found
   * @param ids of transfers and of what repeats
   */
  private record Ended(NotDone why, Set<String> links, Set<String> ids, int recurrences) {
    static Ended nothing(NotDone why) {
      return new Ended(why, Set.of(), Set.of(), 0);
    }
  }

  /** Whoever withdraws does so with each consent that was given until now. */
  private Ended end(String payer, WhoWithdraws who, String by, Instant now) {
    WhoWithdraws.Found found = who.find();
    if (found.why() != null) {
      return Ended.nothing(found.why());
    }
    if (wasDone(who.consents(), found)) {
      return Ended.nothing(null);
    }
    if (who.isAnothers(found)) {
      return Ended.nothing(NotDone.ANOTHERS);
    }
    NavigableSet<String> all = new TreeSet<>(found.kept());
    all.addAll(who.consents());
    found.open().forEach(request -> all.addAll(request.consents()));
    withdrawals.remember(payer, all, by, now);
    Map<String, String> repeating =
        found.open().stream()
            .filter(KnownRequest::repeats)
            .collect(Collectors.toMap(KnownRequest::id, request -> by));
    return new Ended(
        null,
        found.links(),
        found.open().stream().map(KnownRequest::id).collect(Collectors.toSet()),
        recurrences.end(repeating, State.WITHDRAWN, now));
  }

  /**
   * Whether all of it was withdrawn before, and what goes on does so by newer consents: where a
   * withdrawal broke off, that is not so.
   */
  private boolean wasDone(Set<String> consents, WhoWithdraws.Found found) {
    Set<String> all = Sets.union(found.kept(), consents);
    if (consents.isEmpty() || !withdrawals.known(all).containsAll(all)) {
      return false;
    }
    return found.open().stream()
        .map(KnownRequest::consents)
        .allMatch(newer -> !newer.isEmpty() && withdrawals.known(newer).isEmpty());
  }

  private static boolean isWeak(String id) {
    return id.startsWith(WEAK);
  }
}
