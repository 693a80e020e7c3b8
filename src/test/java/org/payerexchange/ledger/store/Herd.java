package org.payerexchange.ledger.store;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.payerexchange.dialect.BulkMatch;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.Registration;
import org.payerexchange.support.PlainRecord;

/**
 * Members of a payer that is asked for many at once, or for those that there are after an hour: for
 * three, or for so many that a batch never gets full.
 */
public final class Herd {
  /** Its batches never get full: no bundle that has the ledger, too, takes them. */
  public static final String LARGE = "large-herd";

  static final String PAYER = "herd";

  private final Node node;
  private final String payer;

  /** One that is {@link #LARGE}, on this ledger, which may be another's as well. */
  public Herd(LedgerDatabase database) {
    this(new Node(database, "herd-node", Duration.ofMinutes(5)), LARGE);
  }

  Herd(Node node) {
    this(node, PAYER);
  }

  private Herd(Node node, String payer) {
    this.node = node;
    this.payer = payer;
  }

  /** New transfers of members with these names. */
  public List<String> register(String... families) {
    return node.transfers.register(Stream.of(families).map(this::member).toList()).stream()
        .map(Registration::transferId)
        .toList();
  }

  private IntakeEntry member(String family) {
    return PlainRecord.of(
        "inbox/herd.csv",
        1,
        null,
        payer,
        UUID.randomUUID().toString(),
        """
        {"resourceType":"Parameters","parameter":[{"name":"MemberPatient",
        "resource":{"name":[{"family":"%s","given":["A"]}]}}]}"""
            .formatted(family),
        Node.CONSENT_END);
  }

  /** The full batch is asked for; its match job runs. */
  ExportJobClaim asked() {
    ExportJobClaim batch = Node.only(node.claims.claimForBatch(10));
    node.batches.started(batch);
    node.jobs.running(batch, "m1", "http://localhost/m1", Node.NOW);
    return Node.only(node.claims.claimForMatchPoll(10));
  }

  /** The answer for each member; those that matched share an export. */
  void answered(ExportJobClaim poll, Map<String, BulkMatch.Kind> kinds) {
    List<BulkMatch.Matched> matched =
        kinds.entrySet().stream()
            .filter(member -> member.getValue() == BulkMatch.Kind.MATCHED)
            .map(
                member ->
                    new BulkMatch.Matched(
                        member.getKey(), "g1", "patient-" + member.getKey(), Optional.empty()))
            .toList();
    Map<String, BulkMatch.Outcome> outcomes = new TreeMap<>();
    kinds.forEach(
        (id, kind) ->
            outcomes.put(id, new BulkMatch.Outcome(kind, null, "patient-" + id, "for a test")));
    node.batches.answered(
        poll,
        outcomes,
        matched.isEmpty()
            ? List.of()
            : List.of(new BulkMatch.Export("g1", matched, Optional.empty(), true)));
  }
}
