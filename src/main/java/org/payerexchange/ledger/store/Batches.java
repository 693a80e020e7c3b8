package org.payerexchange.ledger.store;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.payerexchange.ledger.EventType;

/**
 * Gathers members that are to be asked for at once into batches, within the caller's transaction. A
 * batch is asked for once it is full, or its first member has waited for long enough. Two transfers
 * of one member never share one.
 */
final class Batches {
  /** What stands for the Group of a match job. */
  static final String MATCH = "$bulk-member-match";

  private final TimeBasedEpochGenerator ids = Generators.timeBasedEpochGenerator();
  private final LedgerDatabase database;
  private final String actor;

  /**
   * Works on this database.
   *
   * @param actor in the audit trail of the batches that it opens
   */
  Batches(LedgerDatabase database, String actor) {
    this.database = database;
    this.actor = actor;
  }

  /**
   * How the members of a payer are gathered.
   *
   * @param most how many a batch takes
   * @param patience how long the first of them waits for others at most
   */
  record Rule(int most, Duration patience) {}

  /**
   * A member that is to join a batch.
   *
   * @param key who it is
   */
  record Joining(String transferId, String key) {}

  /** Members join batches of their payer that gather, and new ones behind these. */
  void join(String payer, Rule rule, List<Joining> members) {
    List<Gathering> batches = gathering(payer, rule);
    for (Joining member : members) {
      batches.stream()
          .filter(batch -> batch.takes(member))
          .findFirst()
          .orElseGet(
              () -> {
                Gathering opened = new Gathering(ids.generate().toString(), rule.most(), true);
                batches.add(opened);
                return opened;
              })
          .add(member);
    }
    for (Gathering batch : batches) {
      if (batch.isNew) {
        open(payer, batch, rule.patience(), rule, null);
      }
      write(batch);
    }
  }

  /** A member whose transfer is sent on joins a batch like the one that it was in before. */
  void joinAgain(String payer, String transferId) {
    join(payer, rule(transferId), List.of(joining(transferId)));
  }

  /** A member that was registered for no batch joins one; its key may not have been kept then. */
  void join(String payer, Rule rule, Joining member) {
    database.update(
        "UPDATE transfer_request SET member_key = ? WHERE transfer_id = ?",
        member.key(),
        member.transferId());
    join(payer, rule, List.of(member));
  }

  private Joining joining(String transferId) {
    return database
        .jdbc()
        .sql("SELECT member_key FROM transfer_request WHERE transfer_id = ?")
        .param(transferId)
        .query((row, at) -> new Joining(transferId, row.getString("member_key")))
        .single();
  }

  private Rule rule(String transferId) {
    return database
        .jdbc()
        .sql(
            """
            SELECT most, wait_seconds FROM member_batch
            WHERE id = (SELECT batch_id FROM transfer WHERE transfer.id = ?)""")
        .param(transferId)
        .query(
            (row, at) ->
                new Rule(
                    row.getInt("most"),
                    Duration.ofMillis((long) (row.getDouble("wait_seconds") * 1000))))
        .optional()
        // its batch is not kept any more
        .orElse(new Rule(1, Duration.ZERO));
  }

  /**
   * Members of a batch are asked for anew, at once, in one that nobody else joins.
   *
   * @param triedBefore the batch whose answer was of no use for the only member; null for others
   */
  void apart(LockedTransfer batch, List<String> transferIds, String triedBefore) {
    Gathering part = new Gathering(ids.generate().toString(), transferIds.size(), true);
    transferIds.forEach(id -> part.add(new Joining(id, null)));
    // a retry gathers as before
    Rule rule = rule(transferIds.get(0));
    batch.steps().due().addAll(open(batch.payer(), part, Duration.ZERO, rule, triedBefore));
    write(part);
  }

  /** The size may have been lowered since, because the payer takes no more. */
  private List<Gathering> gathering(String payer, Rule rule) {
    List<Gathering> batches =
        new ArrayList<>(
            database
                .jdbc()
                .sql(
                    """
                    SELECT id, most FROM member_batch WHERE payer = ? AND gathers
                      AND EXISTS (SELECT 1 FROM step WHERE transfer_id = member_batch.id
                        AND kind = 'MATCH_BATCH')
                    ORDER BY id %s"""
                        .formatted(database.forUpdate()))
                .param(payer)
                .query(
                    (row, at) ->
                        new Gathering(
                            row.getString("id"), Math.min(row.getInt("most"), rule.most()), false))
                .list());
    batches.forEach(
        batch ->
            database
                .jdbc()
                .sql(
                    """
                    SELECT member_key FROM transfer
                    JOIN transfer_request request ON request.transfer_id = transfer.id
                    WHERE batch_id = ?""")
                .param(batch.id)
                .query(
                    row -> {
                      batch.keys.add(row.getString("member_key"));
                      batch.members++;
                    }));
    return batches;
  }

  private List<DueSteps.Waiting> open(
      String payer, Gathering batch, Duration wait, Rule rule, String triedBefore) {
    database.update(
        """
            INSERT INTO transfer (id, payer, state, source, record_number, request_sha256, is_batch,
              events, open_jobs, received_at, updated_at)
            VALUES (?, ?, 'RECEIVED', '', 0, '', TRUE, 1, 1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)""",
        batch.id,
        payer);
    database.insert(
        "member_batch (id, payer, gathers, most, wait_seconds, members, tried_before)",
        "(?, ?, TRUE, ?, ?, 0, ?)",
        List.<Object[]>of(
            new Object[] {
              batch.id, payer, rule.most(), LedgerDatabase.seconds(rule.patience()), triedBefore
            }));
    database.insert(
        "export_job (transfer_id, payer, group_id, kind, state, updated_at)",
        "(?, ?, ?, 'MATCH', 'REQUESTED', CURRENT_TIMESTAMP)",
        List.<Object[]>of(new Object[] {batch.id, payer, MATCH}));
    database.insert(
        "transfer_event (transfer_id, number, at, actor, what, detail)",
        "(?, 1, CURRENT_TIMESTAMP, ?, ?, NULL)",
        List.<Object[]>of(new Object[] {batch.id, actor, EventType.BATCH_OPENED.name()}));
    database.tellOf(listener -> listener.batchOpened(batch.id, payer));
    Steps steps = new Steps(database, batch.id, payer);
    steps.addMatch(batch.isFull() ? Duration.ZERO : wait);
    return steps.due();
  }

  private void write(Gathering batch) {
    if (batch.joined.isEmpty()) {
      return;
    }
    database.batch(
        "UPDATE transfer SET batch_id = ? WHERE id = ?",
        batch.joined.stream().map(id -> new Object[] {batch.id, id}).toList());
    database.update(
        "UPDATE member_batch SET members = ?, gathers = ? WHERE id = ?",
        batch.members,
        !batch.isFull(),
        batch.id);
    if (batch.isFull() && !batch.isNew) {
      database.update(
          """
              UPDATE step SET due_at = CURRENT_TIMESTAMP WHERE transfer_id = ?
                AND kind = 'MATCH_BATCH' AND lease_until IS NULL AND due_at > CURRENT_TIMESTAMP""",
          batch.id);
    }
  }

  /** How many members the batch was made of, also those who do not wait any more. */
  int size(String batchId) {
    return database
        .jdbc()
        .sql("SELECT members FROM member_batch WHERE id = ?")
        .param(batchId)
        .query(Integer.class)
        .single();
  }

  /**
   * Nobody joins the batch any more.
   *
   * @return whether anybody could until now
   */
  boolean close(String batchId) {
    return database.update(
            "UPDATE member_batch SET gathers = FALSE WHERE id = ? AND gathers", batchId)
        > 0;
  }

  /** A batch while members join it. */
  private static final class Gathering {
    private final String id;
    private final int most;
    private final boolean isNew;
    private final Set<String> keys = new HashSet<>();
    private final List<String> joined = new ArrayList<>();
    private int members;

    Gathering(String id, int most, boolean isNew) {
      this.id = id;
      this.most = most;
      this.isNew = isNew;
    }

    boolean takes(Joining member) {
      return members < most && !keys.contains(member.key());
    }

    void add(Joining member) {
      keys.add(member.key());
      joined.add(member.transferId());
      members++;
    }

    boolean isFull() {
      return members >= most;
    }
  }
}
