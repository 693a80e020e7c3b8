package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.payerexchange.auth.TokenClient.Kind;
import org.payerexchange.ledger.AskedFor;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.Hold;
import org.payerexchange.ledger.TokenHold;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.step.FailureReason;

class TokenHoldsTest extends LedgerTest {
  private static final Duration LONG = Duration.ofHours(1);
  private static final String WHY = "the token endpoint refused the client: 401 invalid_client";

  @Test
  void nothingOfAHeldPayerIsClaimedByAnyNodeAndOthersGoOn() {
    Node other = node("node-2", LONG);
    node.register("bison", 3);
    node.register("elk", 1);

    assertThat(node.tokenHolds.refuse(Kind.PAYER, "bison", FailureReason.TOKEN_REFUSED, WHY))
        .isFalse();

    assertThat(other.claims.claimForMatch(100))
        .extracting(TransferClaim::payer)
        .containsExactly("elk");
    TokenHold hold = Node.only(other.tokenHolds.all());
    assertThat(hold.what()).isEqualTo("payer bison");
    assertThat(hold.why()).isEqualTo(WHY);
    assertThat(other.tokenHolds.free(hold)).isTrue();
    assertThat(other.tokenHolds.free(hold)).isFalse();
    assertThat(node.claims.claimForMatch(100)).hasSize(3);
    assertThat(node.tokenHolds.all()).isEmpty();
  }

  @Test
  void aStepThatIsHeldBackCountsNoFailure() {
    String id = node.matched("bison", "g1");
    ExportJobClaim claim = Node.only(node.claims.claimForKickoff(100));
    node.jobs.kickoffStarted(claim, AskedFor.ALL);

    node.tokenHolds.refuse(Kind.PAYER, "bison", FailureReason.TOKEN_REFUSED, WHY);
    assertThat(node.steps.holdBack(claim, FailureReason.TOKEN_REFUSED, WHY)).isTrue();

    node.tokenHolds.free(Node.only(node.tokenHolds.all()));
    ExportJobClaim again = Node.only(node.claims.claimForKickoff(100));
    assertThat(again.attempts()).isZero();
    assertThat(again.failingSince()).isNull();
    node.kickOff(again);
    assertThat(node.events(id)).contains("RETRY_LATER").doesNotContain("KICKOFF_REPEATED");
  }

  @Test
  void aLookIsTakenByOneNodeOnceItIsDueAndByEachAtItsStart() {
    Node other = node("node-2", LONG);
    node.register("bison", 1);
    node.tokenHolds.refuse(Kind.PAYER, "bison", FailureReason.TOKEN_REFUSED, WHY);

    assertThat(node.tokenHolds.takeLooks(false)).isEmpty();
    assertThat(node.tokenHolds.takeLooks(true)).hasSize(1);
    assertThat(other.tokenHolds.takeLooks(true)).hasSize(1);
    back("payer_gate", "look_at", 1);
    assertThat(node.tokenHolds.takeLooks(false)).hasSize(1);
    assertThat(other.tokenHolds.takeLooks(false)).isEmpty();
  }

  @Test
  void afterTheDeadlineStepsAreClaimedToFail() {
    TokenHolds patient =
        new TokenHolds(database, Duration.ofSeconds(30), Optional.of(Duration.ofHours(2)));
    node.register("bison", 1);

    assertThat(patient.refuse(Kind.PAYER, "bison", FailureReason.TOKEN_REFUSED, WHY)).isFalse();
    assertThat(node.claims.claimForMatch(1)).isEmpty();
    back("payer_gate", "refused_since", 3);
    assertThat(patient.refuse(Kind.PAYER, "bison", FailureReason.TOKEN_REFUSED, WHY)).isTrue();

    assertThat(node.claims.claimForMatch(1)).hasSize(1);
    assertThat(patient.all()).hasSize(1);
  }

  @Test
  void aFileOfOurOwnNeitherStartsNorUsesUpTheTimeThatRefusalsHave() {
    String file = "p2p.payers.bison.private-key-file: there is no file 'bison.jwk'";
    TokenHolds patient =
        new TokenHolds(database, Duration.ofSeconds(30), Optional.of(Duration.ofHours(2)));
    node.register("bison", 1);

    patient.refuse(Kind.PAYER, "bison", FailureReason.CREDENTIALS_UNUSABLE, file);
    back("payer_gate", "refused_since", 3);
    assertThat(patient.refuse(Kind.PAYER, "bison", FailureReason.CREDENTIALS_UNUSABLE, file))
        .isFalse();
    assertThat(node.claims.claimForMatch(1)).isEmpty();
    Hold ours = Node.only(patient.all()).hold();
    assertThat(ours.reason()).isEqualTo(FailureReason.CREDENTIALS_UNUSABLE);
    assertThat(ours.why()).isEqualTo(file);

    assertThat(patient.refuse(Kind.PAYER, "bison", FailureReason.TOKEN_REFUSED, WHY)).isFalse();
    assertThat(Node.only(patient.all()).hold().why()).startsWith(WHY).contains("look at client-id");
    back("payer_gate", "refused_since", 3);
    assertThat(patient.refuse(Kind.PAYER, "bison", FailureReason.TOKEN_REFUSED, WHY)).isTrue();

    assertThat(patient.refuse(Kind.PAYER, "bison", FailureReason.CREDENTIALS_UNUSABLE, file))
        .isFalse();
    assertThat(node.claims.claimForMatch(1)).isEmpty();
  }

  @Test
  void aHeldSinkGetsNothingUntilItIsFreed() {
    node.ready("bison", 1);
    node.claims
        .claimForDownload(1)
        .forEach(file -> node.files.stored(file, Node.content("h"), List.of("fhir")));

    node.tokenHolds.refuse(Kind.SINK, "fhir", FailureReason.TOKEN_REFUSED, WHY);
    assertThat(node.claims.claimForSink("fhir", 1)).isEmpty();
    new SinkHolds(database).hold("fhir", Duration.ZERO);

    assertThat(node.tokenHolds.free(Node.only(node.tokenHolds.all()))).isTrue();
    assertThat(node.claims.claimForSink("fhir", 1)).hasSize(1);
  }

  /** Moves a point in time some hours back. */
  private void back(String table, String column, int hours) {
    database
        .jdbc()
        .sql("UPDATE %s SET %s = %s - INTERVAL '%d' HOUR".formatted(table, column, column, hours))
        .update();
  }
}
