package org.payerexchange.ledger.store;

import com.google.common.collect.Sets;
import java.time.Clock;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.payerexchange.ledger.IntakeEntry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Members who withdraw their consent: what is open of them at the payer ends, and nothing is asked
 * of it any more until there is a newer consent. What was delivered stays.
 */
public final class WithdrawalLedger {
  /** Those that may still ask for something, be it by a retry; H2 has no index for an IN here. */
  private static final String ASKING =
      """
      (VALUES ('RECEIVED'), ('MATCHED'), ('FAILED'), ('NO_MATCH')) AS asking (state)
      JOIN transfer ON transfer.state = asking.state
      WHERE payer = ? AND withdrawn_at IS NULL AND\s""";

  /** Those that would be asked again. */
  private static final String REPEATING = "recurrence WHERE payer = ? AND state = 'ACTIVE' AND ";

  private static final String WEAK = "x";

  private static final Logger LOG = LoggerFactory.getLogger(WithdrawalLedger.class);

  private final LedgerDatabase database;
  private final OperatorLedger operator;
  private final Withdrawals withdrawals;
  private final Recurrences recurrences;
  private final IdHashes hashes;
  private final Clock clock;

  /** Ends transfers with this. */
  public WithdrawalLedger(LedgerDatabase database, OperatorLedger operator, Clock clock) {
    this.database = database;
    this.operator = operator;
    this.clock = clock;
    this.withdrawals = new Withdrawals(database);
    this.recurrences = new Recurrences(database);
    this.hashes = new IdHashes(database);
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
    /** The consent is that of several members, as far as its id says. */
    SEVERAL,
    /** The consent is that of one member, and of none whom the other ids tell. */
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
   * and beside anything else for nobody. A consent alone stands for the one member who gave it;
   * senders may well use one id for the consents of all. Beside other ids it is not to be the
   * consent of one other member: one of them is wrong then.
   *
   * @param ids of the member, its coverage or its consent, as {@link IntakeEntry.Accepted#ids} has
   *     them; behind {@code x:} what is a member's only if a request is known by it
   * @param requestId the sender's, of a transfer whose member is meant; or null
   * @param by who says so, for the audit trail: without PHI
   */
  public Result withdraw(String payer, Set<String> ids, String requestId, String by) {
    Set<String> given = hashes.of(payer, ids.stream().filter(id -> !isWeak(id)).toList());
    Set<String> weak =
        hashes.of(
            payer,
            ids.stream()
                .filter(WithdrawalLedger::isWeak)
                .map(id -> "m" + id.substring(WEAK.length()))
                .toList());
    Set<String> consents = of(given, IdHashes.CONSENT);
    Set<String> coverages = of(given, IdHashes.COVERAGE);
    Instant now = clock.instant();
    NavigableSet<String> members = new TreeSet<>();
    AtomicReference<NotDone> why = new AtomicReference<>();
    int ended =
        database.change(
            () -> {
              withdrawals.alone();
              members.clear();
              members.addAll(of(given, IdHashes.MEMBER));
              if (requestId != null) {
                asked(payer, "request_id = ?", requestId)
                    .forEach(row -> members.addAll(member(row)));
              }
              why.set(null);
              boolean byConsent = members.isEmpty() && requestId == null;
              if (byConsent && consents.isEmpty() && weak.isEmpty()) {
                members.addAll(coverages);
              } else if (byConsent) {
                Set<Set<String>> whose = whose(payer, consents, weak, coverages);
                why.set(whose.size() > 1 ? NotDone.SEVERAL : null);
                whose.forEach(members::addAll);
              }
              if (members.isEmpty()) {
                why.set(NotDone.UNKNOWN);
              } else if (why.get() == null && wasDone(payer, consents, members)) {
                members.clear();
                return 0;
              } else if (!byConsent && isAnothers(payer, consents, members)) {
                why.set(NotDone.ANOTHERS);
              }
              return why.get() == null ? withdraw(payer, members, consents, by, now) : 0;
            });
    if (why.get() != null) {
      return new Result(null, why.get());
    }
    int transfers = 0;
    for (String transfer : asking(payer, members)) {
      transfers += operator.withdraw(transfer, by) ? 1 : 0;
    }
    LOG.info(
        "{} withdraws at payer {}: {} transfers ended, {} requests are not asked again",
        by,
        payer,
        transfers,
        ended);
    return new Result(new Withdrawn(transfers, ended), null);
  }

  /** Whoever withdraws does so with each consent that was given until now. */
  private int withdraw(
      String payer, Set<String> members, Set<String> consents, String by, Instant now) {
    NavigableSet<String> all = new TreeSet<>(members);
    all.addAll(consents);
    goingOn(payer, members)
        .forEach(row -> row.stream().filter(WithdrawalLedger::isConsent).forEach(all::add));
    withdrawals.remember(payer, all, by, now);
    return recurrences.withdraw(payer, members, by, now);
  }

  /** A coverage tells those apart who have one consent id. */
  private Set<Set<String>> whose(
      String payer, Set<String> consents, Set<String> weak, Set<String> coverages) {
    if (consents.isEmpty()) {
      return weak.stream()
          .filter(id -> !having(payer, Set.of(id)).isEmpty())
          .map(Set::of)
          .collect(Collectors.toSet());
    }
    Set<Set<String>> all = having(payer, consents);
    Set<Set<String>> covered = Sets.filter(all, row -> !Collections.disjoint(row, coverages));
    return members(covered.isEmpty() ? all : covered);
  }

  /**
   * Whether all of it was withdrawn before, and what goes on does so by newer consents: where a
   * withdrawal broke off, that is not so.
   */
  private boolean wasDone(String payer, Set<String> consents, Set<String> members) {
    Set<String> all = Sets.union(members, consents);
    if (consents.isEmpty() || !withdrawals.known(all).containsAll(all)) {
      return false;
    }
    return goingOn(payer, members)
        .map(row -> Sets.filter(row, WithdrawalLedger::isConsent))
        .allMatch(newer -> !newer.isEmpty() && withdrawals.known(newer).isEmpty());
  }

  /** What goes on of whom is found by an index, the rest not in H2. */
  private boolean isAnothers(String payer, Set<String> consents, Set<String> members) {
    if (consents.isEmpty()
        || goingOn(payer, members).anyMatch(row -> !Collections.disjoint(row, consents))) {
      return false;
    }
    Set<Set<String>> rows = having(payer, consents);
    return members(rows).size() == 1
        && rows.stream().allMatch(row -> Collections.disjoint(row, members));
  }

  private Stream<Set<String>> goingOn(String payer, Set<String> members) {
    return members.stream()
        .flatMap(
            member ->
                Stream.of(ASKING, REPEATING)
                    .flatMap(
                        which -> rows(which + IdHashes.has(database), List.of(payer, member))));
  }

  private Set<Set<String>> having(String payer, Set<String> hashes) {
    return hashes.stream()
        .flatMap(hash -> asked(payer, IdHashes.has(database), hash))
        .collect(Collectors.toSet());
  }

  /** By which some requests are known; what repeats outlives its transfers. */
  private Stream<Set<String>> asked(String payer, String where, String value) {
    return Stream.of("transfer", "recurrence")
        .flatMap(table -> rows(table + " WHERE payer = ? AND " + where, List.of(payer, value)));
  }

  private static Set<Set<String>> members(Set<Set<String>> rows) {
    return rows.stream().map(WithdrawalLedger::member).collect(Collectors.toSet());
  }

  /** By which the member of a request is known: coverages, which families share, last. */
  private static Set<String> member(Set<String> row) {
    Set<String> ids = withoutConsents(row);
    Set<String> own =
        ids.stream()
            .filter(hash -> !hash.startsWith(IdHashes.COVERAGE))
            .collect(Collectors.toSet());
    return own.isEmpty() ? ids : own;
  }

  private Stream<Set<String>> rows(String requests, List<Object> values) {
    return database
        .jdbc()
        .sql("SELECT DISTINCT member_ids FROM %s AND member_ids <> ''".formatted(requests))
        .params(values)
        .query(String.class)
        .list()
        .stream()
        .map(row -> Set.of(row.split(" ", -1)));
  }

  private static Set<String> withoutConsents(Set<String> hashes) {
    return hashes.stream().filter(hash -> !isConsent(hash)).collect(Collectors.toSet());
  }

  private static Set<String> of(Set<String> hashes, String kind) {
    return hashes.stream().filter(hash -> hash.startsWith(kind)).collect(Collectors.toSet());
  }

  private static boolean isConsent(String hash) {
    return hash.startsWith(IdHashes.CONSENT);
  }

  private static boolean isWeak(String id) {
    return id.startsWith(WEAK);
  }

  private Set<String> asking(String payer, Set<String> members) {
    Set<String> found = new TreeSet<>();
    for (String hash : members) {
      found.addAll(
          database
              .jdbc()
              .sql("SELECT id FROM " + ASKING + IdHashes.has(database))
              .params(payer, hash)
              .query(String.class)
              .list());
    }
    return found;
  }
}
