package org.payerexchange.ledger.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.ProducerTemplate;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.OutcomeClaim;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.SplitClaim;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.step.Capacity;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Stage;

/** Claims of one kind, each at most so many, for a node that would go on with nothing itself. */
public final class Claims {
  private final Leases leases;

  /** Of this node. */
  public Claims(Leases leases) {
    this.leases = leases;
  }

  public List<TransferClaim> claimForMatch(int max) {
    return claim(Stage.MEMBER_MATCH, max, Set.of());
  }

  public List<ExportJobClaim> claimForKickoff(int max) {
    return claim(Stage.EXPORT_KICKOFF, max, Set.of());
  }

  public List<ExportJobClaim> claimForPoll(int max) {
    return claim(Stage.EXPORT_POLL, max, Set.of());
  }

  public List<ExportJobClaim> claimForBatch(int max) {
    return claim(Stage.MATCH_BATCH, max, Set.of());
  }

  public List<ExportJobClaim> claimForMatchPoll(int max) {
    return claim(Stage.MATCH_POLL, max, Set.of());
  }

  public List<ExportJobClaim> claimForRetrieval(int max) {
    return claim(Stage.RETRIEVE, max, Set.of());
  }

  public List<SplitClaim> claimForSplit(int max) {
    return claim(Stage.SPLIT, max, Set.of());
  }

  public List<SplitClaim> claimForTypeSplit(int max) {
    return claim(Stage.SPLIT_TYPES, max, Set.of());
  }

  public List<ExportJobClaim> claimForRelease(int max) {
    return claim(Stage.RELEASE, max, Set.of());
  }

  public List<OutputFileClaim> claimForDownload(int max) {
    return claim(Stage.DOWNLOAD, max, Set.of());
  }

  public List<OutcomeClaim> claimForOutcome(int max) {
    return claim(Stage.OUTCOME, max, Set.of());
  }

  /** To one sink after the other. */
  public List<DeliveryClaim> claimForDelivery(int max) {
    List<DeliveryClaim> claims = new ArrayList<>();
    List<String> sinks =
        leases
            .database()
            .jdbc()
            .sql("SELECT sink FROM sink_gate ORDER BY sink")
            .query(String.class)
            .list();
    for (String sink : sinks) {
      if (claims.size() < max) {
        claims.addAll(claimForSink(sink, max - claims.size()));
      }
    }
    return claims;
  }

  public List<DeliveryClaim> claimForSink(String sink, int max) {
    return claimForSinks(Set.of(sink), max);
  }

  /** For a node that knows these sinks, at most so many for each. */
  public List<DeliveryClaim> claimForSinks(Set<String> known, int max) {
    return claim(Stage.DELIVER, max, known);
  }

  /** Goes on with what the end of a step handed on, as its route would. */
  public void goOn(ProducerTemplate template, Claim ended) {
    template.sendBody("direct:start-steps", leases.handedOn(ended));
  }

  @SuppressWarnings("unchecked")
  private <C extends Claim> List<C> claim(Stage kind, int max, Set<String> sinks) {
    return (List<C>)
        leases.claim(new Capacity(each -> each == kind, Map.of(kind, max), max, max, sinks));
  }
}
