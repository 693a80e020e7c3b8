package org.payerexchange.ops;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.ledger.BatchQueries;
import org.payerexchange.ledger.BatchSummary;
import org.payerexchange.ledger.Hold;
import org.payerexchange.ledger.Holds;
import org.payerexchange.ledger.OpenBatches;
import org.payerexchange.ledger.OperatorLedger;
import org.payerexchange.ledger.TransferDetails;
import org.payerexchange.ledger.TransferFilter;
import org.payerexchange.ledger.TransferPage;
import org.payerexchange.ledger.TransferPart;
import org.payerexchange.ledger.TransferQueries;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.ledger.TransferSummary;
import org.payerexchange.payer.Payer;
import org.payerexchange.step.FailureReason;

/**
 * What operators see and do, with everything that they send checked first. A request is its path's
 * and query's parameters and its headers by their names, as text.
 */
public final class Operations {
  /** Names who acts, for the audit trail. */
  public static final String ACTOR = "P2P-Actor";

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9-]{1,64}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._@:-]{1,64}");
  private static final int MOST_SOURCE = 1000;

  private final TransferQueries queries;
  private final BatchQueries batches;
  private final OperatorLedger ledger;
  private final Holds holds;

  /** Works on this ledger. */
  public Operations(
      TransferQueries queries, BatchQueries batches, OperatorLedger ledger, Holds holds) {
    this.queries = queries;
    this.batches = batches;
    this.ledger = ledger;
    this.holds = holds;
  }

  /**
   * A page of transfers, the latest first.
   *
   * @param request may have {@code status} (states separated by commas), {@code payer}, {@code
   *     source} (the end of the source's name), {@code batch} (its id), {@code page} (from 0) and
   *     {@code size} (1 to 1000; 50 without one)
   * @throws OpsRefusal 400 for a filter that makes no sense
   */
  public TransferList list(Map<String, ?> request) {
    String payer = text(request, "payer");
    String source = text(request, "source");
    String batch = text(request, "batch");
    if (source != null && source.length() > MOST_SOURCE) {
      throw new OpsRefusal(400, "source is too long");
    }
    return new TransferList(
        queries.page(
            filter(
                states(text(request, "status")),
                payer == null ? null : checked(Payer.ID, request, "payer"),
                source,
                batch == null ? null : checked(ID, request, "batch"),
                number(request, "page", 0),
                number(request, "size", TransferFilter.PAGE))),
        batches.open(),
        holds.all());
  }

  /**
   * One transfer with the first page of each list that belongs to it.
   *
   * @param request has {@code id}, and may have {@code include=request} for the transfer's request,
   *     too, which is PHI and leaves an event in the audit trail
   * @throws OpsRefusal 400 for an id that cannot be one, 404 if there is no such transfer
   */
  public TransferView show(Map<String, ?> request) throws IOException {
    String include = text(request, "include");
    if (include == null) {
      return find(request);
    }
    if (!include.equals("request")) {
      throw new OpsRefusal(400, "include is not request");
    }
    Optional<String> kept = ledger.showRequest(checked(ID, request, "id"), actor(request));
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
    String id = checked(ID, request, "id");
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
   * @param request has {@code id} and {@code part} (jobs, files, deliveries or events), and may
   *     have {@code page}, from 0
   * @throws OpsRefusal 400 for what makes no sense, 404 if there is no such transfer
   */
  public PartPage part(Map<String, ?> request) {
    int number = number(request, "page", 0);
    if (number < 0) {
      throw new OpsRefusal(400, "page is less than 0");
    }
    TransferPart list = constant(TransferPart.class, text(request, "part"), "the list");
    String id = summary(request).id();
    return new PartPage(
        Map.of(list, queries.part(id, list, number)), number, queries.total(id, list));
  }

  /**
   * Sends a failed transfer on from the step that failed.
   *
   * @throws OpsRefusal 400, 404, or 409 if it has not failed, or is a batch
   */
  public Done retry(Map<String, ?> request) {
    TransferSummary transfer = ofMember(request);
    if (!ledger.retry(transfer.id(), actor(request))) {
      throw new OpsRefusal(409, "a transfer that is %s is not retried".formatted(transfer.state()));
    }
    return new Done(1);
  }

  /**
   * Retries what failed at one payer for one reason.
   *
   * @param request has {@code payer} and {@code reason}, a {@link FailureReason}
   * @throws OpsRefusal 400 if either is missing or cannot be one, or the payer has no transfers
   */
  public Done retryAll(Map<String, ?> request) {
    String name = checked(Payer.ID, request, "payer");
    FailureReason why = constant(FailureReason.class, text(request, "reason"), "reason");
    if (!queries.knowsPayer(name)) {
      throw new OpsRefusal(400, "payer has no transfers: is its name right?");
    }
    return new Done(ledger.retryAll(name, why, actor(request)));
  }

  /**
   * Gives an open transfer up.
   *
   * @throws OpsRefusal 400, 404, or 409 if it has ended, or is a batch
   */
  public Done cancel(Map<String, ?> request) {
    TransferSummary transfer = ofMember(request);
    if (!ledger.cancel(transfer.id(), actor(request))) {
      throw new OpsRefusal(
          409, "a transfer that is %s is not cancelled".formatted(transfer.state()));
    }
    return new Done(1);
  }

  private TransferSummary ofMember(Map<String, ?> request) {
    TransferSummary transfer = summary(request);
    if (batches.find(transfer.id()).isPresent()) {
      throw new OpsRefusal(
          409,
          "this is a batch: its members are retried and cancelled, each by its own id; those that failed for one reason at one payer by payer and reason");
    }
    return transfer;
  }

  private TransferSummary summary(Map<String, ?> request) {
    return queries.summary(checked(ID, request, "id")).orElseThrow(Operations::noSuchTransfer);
  }

  private static OpsRefusal noSuchTransfer() {
    return new OpsRefusal(404, "no such transfer");
  }

  private static TransferFilter filter(
      Set<TransferState> states, String payer, String source, String batch, int page, int size) {
    try {
      return new TransferFilter(states, payer, source, batch, page, size);
    } catch (IllegalArgumentException e) {
      throw new OpsRefusal(400, e.getMessage());
    }
  }

  private static Set<TransferState> states(String text) {
    if (text == null) {
      return Set.of();
    }
    return Arrays.stream(text.split(",", TransferState.values().length + 1))
        .map(name -> constant(TransferState.class, name, "status"))
        .collect(Collectors.toSet());
  }

  private static String text(Map<String, ?> request, String name) {
    Object value = request.get(name);
    return value == null ? null : value.toString();
  }

  private static int number(Map<String, ?> request, String what, int otherwise) {
    String text = text(request, what);
    if (text == null) {
      return otherwise;
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new OpsRefusal(400, what + " is not a number");
    }
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String text, String what) {
    try {
      return Enum.valueOf(type, text == null ? "" : text.strip().toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new OpsRefusal(
          400, "%s is none of %s".formatted(what, Arrays.toString(type.getEnumConstants())));
    }
  }

  private static String actor(Map<String, ?> request) {
    return text(request, ACTOR) == null ? "ops" : checked(NAME, request, ACTOR);
  }

  /** The text itself is not repeated: it may be anything. */
  private static String checked(Pattern pattern, Map<String, ?> request, String what) {
    String text = text(request, what);
    if (text == null || !pattern.matcher(text).matches()) {
      throw new OpsRefusal(400, what + " is missing or malformed");
    }
    return text;
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
  public record Done(int transfers) {}
}
