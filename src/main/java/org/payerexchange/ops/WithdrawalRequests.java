package org.payerexchange.ops;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.ledger.store.WithdrawalLedger;
import org.payerexchange.ledger.store.WithdrawalLedger.Withdrawn;
import org.payerexchange.payer.Payer;

/** Members' withdrawals that come over HTTP. */
public final class WithdrawalRequests {
  private static final Map<String, String> KINDS =
      Map.of("memberId", "m:", "coverageId", "v:", "consentId", "s:");
  private static final Set<String> PARTS =
      Set.of("payer", "requestId", "memberId", "coverageId", "consentId");
  private static final int LONGEST = 200;

  private final WithdrawalLedger ledger;
  private final Filters filters;

  /**
   * Works on this ledger.
   *
   * @param known whether there is, or was, such a payer or sink
   */
  public WithdrawalRequests(WithdrawalLedger ledger, BiPredicate<TokenClient.Kind, String> known) {
    this.ledger = ledger;
    this.filters = new Filters(known);
  }

  /**
   * Withdraws.
   *
   * @param body {@code {"payer": …}} with one or several of {@code requestId}, {@code memberId},
   *     {@code coverageId} and {@code consentId}
   * @param headers may name the actor
   * @throws OpsRefusal 400 naming what makes no sense, 404 if nobody is known by what is given
   *     alone, 409 if several are, or if the consent is another member's
   */
  public Withdrawn withdraw(byte[] body, Map<String, ?> headers) {
    JsonNode given = Actions.object(Actions.read(body), "the body", PARTS);
    Asked asked = new Asked(Actions.texts(given));
    String payer = asked.required(Payer.ID, "payer");
    filters.payer(asked);
    String requestId = asked.requestId();
    Set<String> ids = new TreeSet<>();
    KINDS.forEach(
        (name, kind) -> {
          String id = asked.text(name, LONGEST);
          if (id != null) {
            ids.add(kind + id.strip());
          }
        });
    if (requestId == null && ids.isEmpty()) {
      throw new OpsRefusal(
          400, "nobody knows who withdraws: give requestId, memberId or coverageId");
    }
    WithdrawalLedger.Result result =
        ledger.withdraw(payer, ids, requestId, Operations.actor(new Asked(headers)));
    if (result.done() == null) {
      throw switch (result.why()) {
        case UNKNOWN -> new OpsRefusal(404, "no request of this payer is known by that");
        case SEVERAL ->
            new OpsRefusal(409, "consentId is that of several members: give memberId as well");
        case ANOTHERS ->
            new OpsRefusal(409, "consentId is that of another member than the other ids tell");
      };
    }
    return result.done();
  }
}
