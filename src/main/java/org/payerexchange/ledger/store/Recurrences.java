package org.payerexchange.ledger.store;

import com.google.common.collect.Lists;
import java.sql.SQLException;
import java.time.Instant;
import java.time.Period;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.payerexchange.ledger.IntakeEntry.Accepted;
import org.payerexchange.ledger.Recurrence.State;
import org.payerexchange.ledger.Repeat;
import org.payerexchange.ledger.RepeatPlan;
import org.payerexchange.ledger.Row;

/**
 * Requests that are asked again. Each keeps its own copy of the request, which is PHI, until it
 * ends: what becomes of its transfers' requests is the same as of any other's.
 */
final class Recurrences {
  private static final int BATCH = 100;
  private static final int MEMBERS_A_QUERY = 1000;

  private final LedgerDatabase database;

  Recurrences(LedgerDatabase database) {
    this.database = database;
  }

  /**
   * What begins to repeat.
   *
   * @param transferId the first time
   * @param memberKey who its member is, as far as name and birth date tell
   */
  record Begin(
      String id, String transferId, Accepted request, String memberKey, Set<String> memberIds) {
    @Override
    public String toString() {
      return "Begin[" + id + "]";
    }
  }

  /**
   * What repeats no more.
   *
   * @param lastTransfer of it
   * @param by what repeats in its place
   */
  record Replaced(String id, String lastTransfer, String by) {}

  /**
   * What is to be asked once more.
   *
   * @param number how many times it has been asked with this one
   */
  record Again(
      String recurrence,
      int number,
      String lastTransfer,
      Accepted request,
      String memberKey,
      Set<String> memberIds,
      RepeatPlan plan) {
    @Override
    public String toString() {
      return "Again[" + recurrence + "]";
    }
  }

  /**
   * Within the change that registers their first transfers. Of two for one member the newer stands.
   *
   * @return what they replace
   */
  List<Replaced> begin(List<Begin> all, Instant now) {
    if (all.isEmpty()) {
      return List.of();
    }
    // of two for one member that come to two nodes the later one is to see the earlier
    database.oneByOne("requests that begin to repeat");
    database.insert(
        """
        recurrence (id, payer, request_id, source, record_number, request_sha256, member_ids,
          consent_start, consent_end, state, repeat_every, repeat_until, transfers, last_transfer,
          started_at, next_at, ended_at)""",
        "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?)",
        all.stream().map(each -> row(each, now)).toList());
    database.insert(
        "recurrence_request (recurrence_id, request_json, member_key, consent_policy)",
        "(?, ?, ?, ?)",
        all.stream()
            .filter(each -> next(each, now).isPresent())
            .map(
                each ->
                    new Object[] {
                      each.id(),
                      each.request().requestJson(),
                      each.memberKey(),
                      each.request().consentPolicy()
                    })
            .toList());
    List<Replaced> replaced = replaced(all);
    end(
        replaced.stream().collect(Collectors.toMap(Replaced::id, Replaced::by)),
        State.REPLACED,
        now);
    return replaced;
  }

  /** What those repeat whose members are asked for anew. */
  private List<Replaced> replaced(List<Begin> all) {
    Map<List<String>, List<Begin>> newer =
        all.stream()
            .collect(
                Collectors.groupingBy(each -> List.of(each.request().payer(), each.memberKey())));
    Map<String, Replaced> replaced = new HashMap<>();
    for (List<Begin> some : Lists.partition(all, MEMBERS_A_QUERY)) {
      database
          .jdbc()
          .sql(
              """
              SELECT recurrence.id, payer, member_key, member_ids, last_transfer
              FROM recurrence_request request
              JOIN recurrence ON recurrence.id = request.recurrence_id
              WHERE member_key IN (:members)""")
          .param("members", some.stream().map(Begin::memberKey).toList())
          .query(
              results -> {
                Row row = new Row(results);
                String id = row.text("id");
                String lastTransfer = row.text("last_transfer");
                Set<String> ids = Set.of(row.text("member_ids").split(" ", -1));
                newer
                    .getOrDefault(List.of(row.text("payer"), row.text("member_key")), List.of())
                    .stream()
                    .filter(each -> isOneMembers(ids, each.memberIds()))
                    .reduce((earlier, later) -> later)
                    .filter(last -> !last.id().equals(id))
                    .ifPresent(last -> replaced.put(id, new Replaced(id, lastTransfer, last.id())));
              });
    }
    return List.copyOf(replaced.values());
  }

  /** Of those whose names and birth dates are the same. */
  private static boolean isOneMembers(Set<String> some, Set<String> others) {
    Set<String> members = memberIds(some);
    Set<String> othersMembers = memberIds(others);
    return members.isEmpty()
        ? othersMembers.isEmpty()
        : !Collections.disjoint(members, othersMembers);
  }

  private static Set<String> memberIds(Set<String> ids) {
    return ids.stream()
        .filter(hash -> hash.startsWith(IdHashes.MEMBER))
        .collect(Collectors.toSet());
  }

  /** Its second time; empty where there is none. */
  static Optional<Instant> next(Begin begin, Instant now) {
    return begin.request().repeat().next(begin.id(), now, now);
  }

  private static Object[] row(Begin begin, Instant now) {
    Accepted request = begin.request();
    Optional<Instant> next = next(begin, now);
    return new Object[] {
      begin.id(),
      request.payer(),
      request.requestId(),
      request.source(),
      request.recordNumber(),
      request.requestSha256(),
      String.join(" ", begin.memberIds()),
      request.consentStart(),
      request.consentEnd(),
      (next.isPresent() ? State.ACTIVE : State.OVER).name(),
      request.repeat().every().toString(),
      request.repeat().until(),
      begin.transferId(),
      LedgerDatabase.time(now),
      LedgerDatabase.time(next.orElse(null)),
      next.isPresent() ? null : LedgerDatabase.time(now)
    };
  }

  /** How many are looked at in one change. */
  int batch() {
    return BATCH;
  }

  /** Those that are due, locked, with what becomes of each; within a change. */
  List<Again> due(Instant now) {
    return database
        .jdbc()
        .sql(
            """
            SELECT recurrence.*, request.request_json, request.member_key, request.consent_policy,
              COALESCE((SELECT transfer.finished_at IS NULL FROM transfer
                WHERE transfer.id = recurrence.last_transfer), FALSE) AS goes_on
            FROM recurrence JOIN recurrence_request request ON request.recurrence_id = recurrence.id
            WHERE next_at <= ? ORDER BY next_at LIMIT %s %s"""
                .formatted(
                    BATCH, database.embedded() ? "" : "FOR UPDATE OF recurrence SKIP LOCKED"))
        .param(LedgerDatabase.time(now))
        .query((results, at) -> again(new Row(results), now))
        .list();
  }

  private static Again again(Row row, Instant now) throws SQLException {
    Repeat repeat = new Repeat(Period.parse(row.text("repeat_every")), row.date("repeat_until"));
    String ids = row.text("member_ids");
    return new Again(
        row.text("id"),
        row.number("transfers") + 1,
        row.text("last_transfer"),
        new Accepted(
            row.text("source"),
            row.number("record_number"),
            row.text("request_id"),
            row.text("payer"),
            row.text("request_sha256"),
            row.text("request_json"),
            row.date("consent_start"),
            row.date("consent_end"),
            row.text("consent_policy"),
            // what it says of the first time is over
            null,
            Set.of(),
            repeat),
        row.text("member_key"),
        ids.isEmpty() ? Set.of() : Set.of(ids.split(" ")),
        RepeatPlan.of(
            repeat,
            row.text("id"),
            row.instant("started_at"),
            Boolean.TRUE.equals(row.flagOrNull("goes_on")),
            now));
  }

  /**
   * Writes what became of those that were due.
   *
   * @param asked the new transfers' ids, in the same order; null of those that are not asked now
   */
  void went(List<Again> due, List<String> asked, Instant now) {
    List<Object[]> rows = new ArrayList<>();
    for (int i = 0; i < due.size(); i++) {
      Again each = due.get(i);
      boolean asks = each.plan().asks();
      boolean goesOn = each.plan().nextAt().isPresent();
      rows.add(
          new Object[] {
            each.number() - (asks ? 0 : 1),
            asks ? asked.get(i) : each.lastTransfer(),
            LedgerDatabase.time(each.plan().nextAt().orElse(null)),
            (goesOn ? State.ACTIVE : State.OVER).name(),
            goesOn ? null : LedgerDatabase.time(now),
            each.recurrence()
          });
    }
    database.batch(
        """
        UPDATE recurrence SET transfers = ?, last_transfer = ?, next_at = ?, state = ?, ended_at = ?
        WHERE id = ?""",
        rows);
    removeRequests(
        due.stream()
            .filter(each -> each.plan().nextAt().isEmpty())
            .map(Again::recurrence)
            .toList());
  }

  /** Ends those of a payer's that may not go on, whose ids are among these. */
  int withdraw(String payer, Collection<String> memberIds, String by, Instant now) {
    Map<String, String> withdrawn = new HashMap<>();
    for (String hash : memberIds) {
      database
          .jdbc()
          .sql(
              "SELECT id FROM recurrence WHERE payer = ? AND state = 'ACTIVE' AND "
                  + IdHashes.has(database))
          .params(payer, hash)
          .query(String.class)
          .list()
          .forEach(id -> withdrawn.put(id, by));
    }
    return end(withdrawn, State.WITHDRAWN, now);
  }

  /**
   * Ends those that are still asked, within a change; their requests are removed.
   *
   * @param ids with who ends each
   * @return how many were still asked
   */
  int end(Map<String, String> ids, State state, Instant now) {
    int[] ended =
        database.batch(
            """
            UPDATE recurrence SET state = ?, next_at = NULL, ended_at = ?, ended_by = ?
            WHERE id = ? AND state = 'ACTIVE'""",
            ids.entrySet().stream()
                .map(
                    each ->
                        new Object[] {
                          state.name(), LedgerDatabase.time(now), each.getValue(), each.getKey()
                        })
                .toList());
    removeRequests(ids.keySet());
    return IntStream.of(ended).sum();
  }

  private void removeRequests(Collection<String> ids) {
    database.batch(
        "DELETE FROM recurrence_request WHERE recurrence_id = ?",
        ids.stream().map(id -> new Object[] {id}).toList());
  }
}
