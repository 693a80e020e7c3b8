package org.payerexchange.ops;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.intake.IntakeSources;
import org.payerexchange.ledger.BatchSummary;
import org.payerexchange.ledger.Hold;
import org.payerexchange.ledger.OpenBatches;
import org.payerexchange.ledger.store.BatchQueries;
import org.payerexchange.ledger.store.Holds;
import org.payerexchange.ledger.store.OperatorAction;
import org.payerexchange.ledger.store.OperatorLedger;
import org.payerexchange.ledger.store.TransferDetails;
import org.payerexchange.ledger.store.TransferFilter;
import org.payerexchange.ledger.store.TransferPage;
import org.payerexchange.ledger.store.TransferPart;
import org.payerexchange.ledger.store.TransferQueries;
import org.payerexchange.ledger.store.TransferSummary;
import org.payerexchange.payer.Payer;
import org.payerexchange.step.FailureReason;

/**
 * What operators see and do, with everything that they send checked first. A request is its path's
 * and query's parameters and its headers by their names, as text.
 */
public final class Operations {
  /** Names who acts, for the audit trail; it is believed. */
  public static final String ACTOR = "P2P-Actor";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._@:-]{1,64}");

  private final TransferQueries queries;
  private final BatchQueries batches;
  private final OperatorLedger ledger;
  private final Holds holds;
  private final Filters filters;

  /**
   * Works on this ledger.
   *
   * @param known whether there is, or was, such a payer or sink
   */
  public Operations(
      TransferQueries queries,
      BatchQueries batches,
      OperatorLedger ledger,
      Holds holds,
      BiPredicate<TokenClient.Kind, String> known) {
    this.queries = queries;
    this.batches = batches;
    this.ledger = ledger;
    this.holds = holds;
    this.filters = new Filters(known);
  }

  /**
   * A page of transfers, the latest first.
   *
   * @param request may have the filters of {@link Filters}, {@code page} (from 0) and {@code size}
   *     (1 to 1000; 50 without one)
   * @throws OpsRefusal 400 naming the filter that makes no sense
   */
  public TransferList list(Map<String, ?> request) {
    Asked asked = new Asked(request);
    TransferFilter filter = filters.of(asked);
    Asked.Page page = asked.page();
    return new TransferList(
        queries.page(filter, page.number(), page.size()), batches.open(), holds.all());
  }

  /**
   * One transfer with the first page of each list that belongs to it.
   *
   * @param request has {@code id}, and may have {@code include=request} for the transfer's request,
   *     too, which is PHI and leaves an event in the audit trail
   * @throws OpsRefusal 400 for an id that cannot be one, 404 if there is no such transfer
   */
  public TransferView show(Map<String, ?> request) throws IOException {
    Asked asked = new Asked(request);
    String include = asked.text("include");
    if (include == null) {
      return find(request);
    }
    if (!include.equals("request")) {
      throw new OpsRefusal(400, "include is not request");
    }
    Optional<String> kept = ledger.showRequest(id(asked), actor(asked));
    return find(request, kept.isEmpty() ? null : JsonLimits.mapper().readTree(kept.get()));
  }

  /**
   * The same without its request.
   *
   * @throws OpsRefusal 400 for an id that cannot be one, 404 if there is no such transfer
   */
  public TransferView find(Map<String, ?> request) {
    return find(request, null);
  }

  private TransferView find(Map<String, ?> request, JsonNode kept) {
    String id = id(new Asked(request));
    TransferDetails transfer = queries.find(id).orElseThrow(Operations::noSuchTransfer);
    return new TransferView(
        transfer,
        batches.find(id).orElse(null),
        holds.all().stream().filter(transfer::waitsFor).toList(),
        kept);
  }

  /**
   * A page of one of the lists that belong to a transfer.
   *
   * @param request has {@code id} and {@code part} (jobs, files, deliveries, events or warned), and
   *     may have {@code page}, from 0
   * @throws OpsRefusal 400 for what makes no sense, 404 if there is no such transfer
   */
  public PartPage part(Map<String, ?> request) {
    Asked asked = new Asked(request);
    int number = asked.number("page", 0);
    if (number < 0) {
      throw new OpsRefusal(400, "page is less than 0");
    }
    TransferPart list = asked.constant(TransferPart.class, "part");
    String id = summary(asked).id();
    return new PartPage(
        Map.of(list, queries.part(id, list, number)), number, queries.total(id, list));
  }

  /**
   * Does one thing to one transfer, as {@link #retry}, {@link #cancel} and {@link #tryNow} do.
   *
   * @throws OpsRefusal as these
   */
  public Done act(OperatorAction action, Map<String, ?> request) {
    return switch (action) {
      case RETRY -> retry(request);
      case CANCEL -> cancel(request);
      case NOW -> tryNow(request);
    };
  }

  /**
   * Sends a failed transfer on from the step that failed.
   *
   * @throws OpsRefusal 400, 404, or 409 if it has not failed, or is a batch
   */
  public Done retry(Map<String, ?> request) {
    return act(OperatorAction.RETRY, "retried", ofMember(new Asked(request)), request);
  }

  /**
   * Retries what failed at one payer for one reason.
   *
   * @param request has {@code payer} and {@code reason}, a {@link FailureReason}
   * @throws OpsRefusal 400 if either is missing or cannot be one, or there is no such payer
   */
  public Done retryAll(Map<String, ?> request) {
    Asked asked = new Asked(request);
    String name = asked.required(Payer.ID, "payer");
    asked.constant(FailureReason.class, "reason");
    TransferFilter filter =
        filters.of(new Asked(Map.of("payer", name, "reason", asked.text("reason"))));
    return new Done(ledger.act(OperatorAction.RETRY, filter, actor(asked), false).done());
  }

  /**
   * Gives an open transfer up.
   *
   * @throws OpsRefusal 400, 404, or 409 if it has ended, or is a batch
   */
  public Done cancel(Map<String, ?> request) {
    return act(OperatorAction.CANCEL, "cancelled", ofMember(new Asked(request)), request);
  }

  /**
   * Has what waits for its next try tried at once; of a batch as well.
   *
   * @throws OpsRefusal 400, 404, or 409 if nothing of it waits
   */
  public Done tryNow(Map<String, ?> request) {
    return act(OperatorAction.NOW, "tried at once", summary(new Asked(request)), request);
  }

  private Done act(
      OperatorAction action, String done, TransferSummary transfer, Map<String, ?> request) {
    ledger
        .act(action, transfer.id(), actor(new Asked(request)))
        .ifPresent(
            why -> {
              throw new OpsRefusal(
                  409,
                  switch (why) {
                    case NOTHING_WAITS -> "nothing of it waits for its next try";
                    case WITHDRAWN -> "its member withdrew the consent";
                    case REQUEST_REMOVED -> "its request is not kept any more";
                    default -> "a transfer that is %s is not %s".formatted(transfer.state(), done);
                  });
            });
    return new Done(1);
  }

  private TransferSummary ofMember(Asked asked) {
    TransferSummary transfer = summary(asked);
    if (batches.find(transfer.id()).isPresent()) {
      throw new OpsRefusal(
          409,
          "this is a batch: its members are retried and cancelled, each by its own id; those that failed for one reason at one payer by payer and reason");
    }
    return transfer;
  }

  private TransferSummary summary(Asked asked) {
    return queries.summary(id(asked)).orElseThrow(Operations::noSuchTransfer);
  }

  private static String id(Asked asked) {
    return asked.required(Filters.ID, "id");
  }

  private static OpsRefusal noSuchTransfer() {
    return new OpsRefusal(404, "no such transfer");
  }

  /** The key's name, if it has one, and behind it whom its holder says to act for. */
  static String actor(Asked asked) {
    String key = asked.text(IntakeSources.KEY);
    String named = asked.optional(NAME, ACTOR);
    if (key == null || key.isEmpty()) {
      return named == null ? "ops" : named;
    }
    return named == null ? key : key + "/" + named;
  }

  /**
   * A page of transfers.
   *
   * @param open the open batches of all payers, whatever the page shows
   * @param held the payers and sinks whose transfers wait
   */
  public record TransferList(
      @JsonUnwrapped TransferPage found, @JsonUnwrapped OpenBatches open, List<Hold> held) {}

  /**
   * A transfer with what belongs to it.
   *
   * @param asBatch how a batch stands; null for a member's transfer
   * @param held what the transfer waits for; empty once it has ended
   * @param request what the payer's member match is asked: PHI, null unless it was asked for
   */
  public record TransferView(
      @JsonUnwrapped TransferDetails details,
      BatchSummary asBatch,
      List<Hold> held,
      JsonNode request) {}

  /**
   * A page of a list that belongs to a transfer.
   *
   * @param rows under the list's name, such as {@code files}
   * @param page from 0
   * @param total how many the whole list has
   */
  public record PartPage(@JsonAnyGetter Map<TransferPart, List<?>> rows, int page, long total) {}

  /**
   * The answer to something done.
   *
   * @param transfers how many transfers it was done to
   */
  public record Done(long transfers) {}
}
