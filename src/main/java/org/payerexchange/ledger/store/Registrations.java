package org.payerexchange.ledger.store;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.IntakeEntry.Accepted;
import org.payerexchange.ledger.IntakeEntry.Rejected;
import org.payerexchange.ledger.Registration;
import org.payerexchange.ledger.Registration.Status;
import org.payerexchange.ledger.TransferState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts intake records on the ledger, each under a key by which its like is met again: payer and
 * request id, else payer and content for as long as the duplicate window, or a rejection's place
 * and content. The key is unique, so that of two nodes that register the same record one wins.
 */
final class Registrations {
  private static final Logger LOG = LoggerFactory.getLogger(Registrations.class);
  private static final int KEYS_A_QUERY = 1000;
  private static final int SOURCE_LENGTH = 500;

  /** In the order of time: new rows lie side by side in every index that begins with the id. */
  private final TimeBasedEpochGenerator ids = Generators.timeBasedEpochGenerator();

  private final LedgerDatabase database;
  private final String actor;
  private final Duration duplicateWindow;

  /** Sorted, so that nodes lock the batches of several payers in one order. */
  private final SortedMap<String, Batches.Rule> gathered;

  private final UnaryOperator<String> memberKey;
  private final Clock clock;
  private final Batches batches;
  private final IdHashes hashes;
  private final Recurrences recurrences;
  private final Withdrawals withdrawals;
  private final Transitions transitions;

  /**
   * Registers for one node.
   *
   * @param gathered the payers that are asked for many members at once
   * @param memberKey tells from a registered request who its member is
   * @param clock by which requests repeat
   */
  Registrations(
      LedgerDatabase database,
      String actor,
      Duration duplicateWindow,
      Map<String, Batches.Rule> gathered,
      UnaryOperator<String> memberKey,
      Clock clock) {
    this.database = database;
    this.actor = actor;
    this.duplicateWindow = duplicateWindow;
    this.gathered = new TreeMap<>(gathered);
    this.memberKey = memberKey;
    this.clock = clock;
    this.batches = new Batches(database, actor);
    this.hashes = new IdHashes(database);
    this.recurrences = new Recurrences(database);
    this.withdrawals = new Withdrawals(database);
    this.transitions = new Transitions(database);
  }

  List<Registration> register(List<IntakeEntry> entries) {
    if (entries.isEmpty()) {
      return List.of();
    }
    List<Candidate> candidates = entries.stream().map(this::candidate).toList();
    List<Recurrences.Replaced> replaced = new ArrayList<>();
    List<Registration> registrations =
        database.change(
            () -> {
              replaced.clear();
              return registerInTransaction(candidates, replaced);
            });
    tell(replaced);
    return registrations;
  }

  /**
   * Behind the change: whoever locks a transfer does it before other rows. What is registered is so
   * whether or not it can be told.
   */
  private void tell(List<Recurrences.Replaced> replaced) {
    replaced.forEach(each -> LOG.info("{} {}", EventType.REPEATS_REPLACED, words(each)));
    try {
      replaced.forEach(this::tell);
    } catch (RuntimeException notTold) {
      LOG.warn(
          "Which repeats were replaced is not in the trails of all their transfers: {}",
          notTold.getClass().getSimpleName());
    }
  }

  private static String words(Recurrences.Replaced replaced) {
    return "%s: %s repeats in its place".formatted(replaced.id(), replaced.by());
  }

  private void tell(Recurrences.Replaced replaced) {
    transitions.on(
        replaced.lastTransfer(),
        actor,
        transfer -> {
          transfer.event(EventType.REPEATS_REPLACED, words(replaced));
          return true;
        });
  }

  /**
   * Registers what is to be asked once more: each a transfer of its own.
   *
   * @return the ids of the transfers, in the same order
   */
  List<String> again(List<Recurrences.Again> due) {
    List<Candidate> candidates =
        due.stream().map(again -> Candidate.again(ids.generate().toString(), again)).toList();
    Map<String, Known> known = known(insert(candidates));
    add(added(candidates, known));
    candidates.forEach(
        candidate ->
            database.tellOf(listener -> listener.registered(candidate.payer(), Status.NEW)));
    return candidates.stream().map(candidate -> candidate.in(known).id()).toList();
  }

  private List<Registration> registerInTransaction(
      List<Candidate> all, List<Recurrences.Replaced> replaced) {
    Set<String> withdrawn = withdrawn(all);
    List<Candidate> candidates =
        all.stream().filter(candidate -> !withdrawn.contains(candidate.id())).toList();
    openGates(candidates);
    List<Candidate> met = insert(candidates);
    if (forgetOld(met)) {
      met = insert(met);
    }
    Map<String, Known> known = known(met);
    List<Candidate> added = added(candidates, known);
    // before batches: whoever locks both does it in this order
    replaced.addAll(
        recurrences.begin(
            added.stream().map(Candidate::begins).flatMap(Optional::stream).toList(),
            clock.instant()));
    add(added);
    List<Registration> registrations =
        all.stream()
            .map(
                candidate ->
                    withdrawn.contains(candidate.id())
                        ? new Registration(Status.WITHDRAWN, null)
                        : candidate.in(known).meets(candidate))
            .toList();
    tell(all, registrations);
    return registrations;
  }

  /** Which of them may not be asked, because their members withdrew. */
  private Set<String> withdrawn(List<Candidate> candidates) {
    return withdrawals.among(
        candidates.stream()
            .filter(candidate -> !candidate.rejected())
            .map(
                candidate ->
                    new Withdrawals.Asking(
                        candidate.id(),
                        candidate.payer(),
                        candidate.memberIds(),
                        candidate.accepted().consentStart()))
            .toList());
  }

  private static List<Candidate> added(List<Candidate> candidates, Map<String, Known> known) {
    return candidates.stream()
        .filter(candidate -> candidate.in(known).id().equals(candidate.id()))
        .toList();
  }

  private void add(List<Candidate> added) {
    keepRequests(added);
    addMatches(added);
    writeEvents(added);
  }

  /** A rejection that is on record is none anew. */
  private void tell(List<Candidate> candidates, List<Registration> all) {
    for (int i = 0; i < all.size(); i++) {
      Candidate candidate = candidates.get(i);
      Status status = all.get(i).status();
      if (!candidate.rejected() || all.get(i).transferId().equals(candidate.id())) {
        database.tellOf(listener -> listener.registered(candidate.payer(), status));
      }
    }
  }

  /** Claims look for work by the payers' gates. */
  private void openGates(List<Candidate> candidates) {
    Gates.open(
        database,
        TokenClient.Kind.PAYER,
        candidates.stream().map(Candidate::payer).filter(payer -> payer != null).toList());
  }

  /** Whether any of the keys is free again. */
  private boolean forgetOld(List<Candidate> met) {
    List<String> byContent =
        met.stream().filter(Candidate::byContent).map(Candidate::key).sorted().toList();
    int free = 0;
    for (int from = 0; from < byContent.size(); from += KEYS_A_QUERY) {
      free +=
          database
              .jdbc()
              .sql(
                  """
                  UPDATE transfer SET intake_key = NULL WHERE intake_key IN (:keys)
                  AND received_at < CURRENT_TIMESTAMP
                    - CAST(:window AS DOUBLE PRECISION) * INTERVAL '1' SECOND""")
              .param(
                  "keys", byContent.subList(from, Math.min(from + KEYS_A_QUERY, byContent.size())))
              .param("window", LedgerDatabase.seconds(duplicateWindow))
              .update();
    }
    return free > 0;
  }

  /** Those whose key is on the ledger already, or of which the driver does not say. */
  private List<Candidate> insert(List<Candidate> candidates) {
    // nodes that register the same records wait for each other, in the same order
    List<Candidate> sorted =
        candidates.stream().sorted(Comparator.comparing(Candidate::key)).toList();
    int[] inserted =
        database.batch(
            """
            INSERT INTO transfer (id, payer, state, source, record_number, intake_key, request_id,
              request_sha256, consent_end, enrolled_on, recurrence_id, repeat_of, member_ids, detail,
              events, received_at, updated_at, finished_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, CURRENT_TIMESTAMP,
              CURRENT_TIMESTAMP,
              CASE WHEN CAST(? AS BOOLEAN) THEN CURRENT_TIMESTAMP END)
            ON CONFLICT DO NOTHING""",
            sorted.stream().map(Candidate::values).toList());
    return IntStream.range(0, inserted.length)
        .filter(i -> inserted[i] != 1)
        .mapToObj(sorted::get)
        .toList();
  }

  private Map<String, Known> known(List<Candidate> met) {
    Map<String, Known> known = new HashMap<>();
    List<String> keys = met.stream().map(Candidate::key).distinct().toList();
    for (int from = 0; from < keys.size(); from += KEYS_A_QUERY) {
      database
          .jdbc()
          .sql(
              """
              SELECT intake_key, id, payer, request_sha256 FROM transfer
              WHERE intake_key IN (:keys)""")
          .param("keys", keys.subList(from, Math.min(from + KEYS_A_QUERY, keys.size())))
          .query(
              row -> {
                known.put(
                    row.getString("intake_key"),
                    new Known(
                        row.getString("id"),
                        row.getString("payer"),
                        row.getString("request_sha256")));
              });
    }
    return known;
  }

  private void keepRequests(List<Candidate> added) {
    database.insert(
        "transfer_request (transfer_id, request_json, member_key)",
        "(?, ?, ?)",
        added.stream()
            .filter(candidate -> !candidate.rejected())
            .map(
                candidate ->
                    new Object[] {
                      candidate.id(), candidate.accepted().requestJson(), candidate.memberKey()
                    })
            .toList());
    database.insert(
        "transfer_consent (transfer_id, policy, first_day)",
        "(?, ?, CAST(? AS DATE))",
        added.stream()
            .filter(candidate -> !candidate.rejected())
            .filter(
                candidate ->
                    candidate.accepted().consentPolicy() != null
                        || candidate.accepted().consentStart() != null)
            .map(
                candidate ->
                    new Object[] {
                      candidate.id(),
                      candidate.accepted().consentPolicy(),
                      candidate.accepted().consentStart()
                    })
            .toList());
  }

  private void addMatches(List<Candidate> added) {
    Steps.addMatches(
        database,
        added.stream()
            .filter(candidate -> !candidate.rejected())
            .filter(candidate -> !gathered.containsKey(candidate.payer()))
            .map(candidate -> new Object[] {candidate.id(), candidate.payer()})
            .toList());
    gathered.forEach(
        (payer, rule) -> {
          List<Batches.Joining> joining =
              added.stream()
                  .filter(candidate -> payer.equals(candidate.payer()))
                  .map(candidate -> new Batches.Joining(candidate.id(), candidate.memberKey()))
                  .toList();
          if (!joining.isEmpty()) {
            batches.join(payer, rule, joining);
          }
        });
  }

  private void writeEvents(List<Candidate> added) {
    database.insert(
        "transfer_event (transfer_id, number, at, actor, what, detail)",
        "(?, 1, CURRENT_TIMESTAMP, ?, ?, ?)",
        added.stream()
            .map(
                candidate ->
                    new Object[] {
                      candidate.id(),
                      actor,
                      (candidate.rejected() ? EventType.REJECTED : EventType.RECEIVED).name(),
                      LedgerDatabase.shortened(event(candidate))
                    })
            .toList());
  }

  /** A sender may ask for more times than there is consent for: that is said where it is taken. */
  private String event(Candidate candidate) {
    return candidate
        .begins()
        .filter(
            begin ->
                candidate.before() == null && Recurrences.next(begin, clock.instant()).isEmpty())
        .map(begin -> begin.request().repeat().until())
        .map("is not asked again: the next time would be behind %s"::formatted)
        .orElseGet(candidate::event);
  }

  private Candidate candidate(IntakeEntry entry) {
    String id = ids.generate().toString();
    String source = shortened(entry.source());
    if (entry instanceof Accepted accepted) {
      boolean byContent = accepted.requestId() == null;
      String key =
          byContent
              ? "content:" + accepted.payer() + ":" + accepted.requestSha256()
              : "request:" + accepted.payer() + ":" + accepted.requestId();
      return new Candidate(
          id,
          key,
          byContent,
          source,
          accepted,
          memberKey.apply(accepted.requestJson()),
          hashes.of(accepted.payer(), accepted.ids()),
          accepted.repeat() == null ? null : ids.generate().toString(),
          null,
          null);
    }
    Rejected rejected = (Rejected) entry;
    String key = "rejected:" + rejected.sha256() + ":" + rejected.recordNumber() + ":" + source;
    return new Candidate(id, key, false, source, null, null, Set.of(), null, null, rejected);
  }

  private static String shortened(String source) {
    return source.length() <= SOURCE_LENGTH
        ? source
        : source.substring(source.length() - SOURCE_LENGTH);
  }

  /**
   * A record as it would be registered.
   *
   * @param memberKey who its member is; null of a rejection
   * @param memberIds hashes by which withdrawals find it
   * @param recurrence what it is one of, or null
   * @param before the transfer that it repeats, or null
   */
  private record Candidate(
      String id,
      String key,
      boolean byContent,
      String source,
      Accepted accepted,
      String memberKey,
      Set<String> memberIds,
      String recurrence,
      Recurrences.Again before,
      Rejected refusal) {

    static Candidate again(String id, Recurrences.Again again) {
      return new Candidate(
          id,
          "repeat:%s:%s".formatted(again.recurrence(), again.number()),
          false,
          again.request().source(),
          again.request(),
          again.memberKey(),
          again.memberIds(),
          again.recurrence(),
          again,
          null);
    }

    /** What begins to repeat with it. */
    Optional<Recurrences.Begin> begins() {
      return recurrence == null
          ? Optional.empty()
          : Optional.of(new Recurrences.Begin(recurrence, id, accepted, memberKey, memberIds));
    }

    boolean rejected() {
      return refusal != null;
    }

    String payer() {
      return rejected() ? null : accepted.payer();
    }

    String sha256() {
      return rejected() ? refusal.sha256() : accepted.requestSha256();
    }

    String detail() {
      return rejected() ? refusal.reason() : null;
    }

    String event() {
      return before == null
          ? detail()
          : "repeats %s, the %s. time".formatted(before.lastTransfer(), before.number());
    }

    /** What the ledger holds under the key; the candidate itself, if it met nothing. */
    Known in(Map<String, Known> known) {
      return known.getOrDefault(key, new Known(id, payer(), sha256()));
    }

    Object[] values() {
      return new Object[] {
        id,
        payer(),
        (rejected() ? TransferState.REJECTED : TransferState.RECEIVED).name(),
        source,
        rejected() ? refusal.recordNumber() : accepted.recordNumber(),
        key,
        rejected() ? null : accepted.requestId(),
        sha256(),
        rejected() ? null : accepted.consentEnd(),
        rejected() ? null : accepted.enrolledOn(),
        recurrence,
        before == null ? null : before.lastTransfer(),
        memberIds.isEmpty() ? null : String.join(" ", memberIds),
        LedgerDatabase.shortened(detail()),
        rejected()
      };
    }

    @Override
    public String toString() {
      return "Candidate[" + id + "]";
    }
  }

  /** What the ledger holds under a key. */
  private record Known(String id, String payer, String sha256) {

    Registration meets(Candidate candidate) {
      Status status;
      if (candidate.rejected()) {
        status = Status.REJECTED;
      } else if (id.equals(candidate.id())) {
        status = Status.NEW;
      } else if (sha256.equals(candidate.sha256()) && payer.equals(candidate.payer())) {
        status = Status.DUPLICATE;
      } else {
        status = Status.CONFLICT;
      }
      return new Registration(status, id);
    }
  }
}
