package org.payerexchange.ops;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.ledger.store.ActionReport;
import org.payerexchange.ledger.store.OperatorAction;
import org.payerexchange.ledger.store.OperatorAction.NotDone;
import org.payerexchange.ledger.store.OperatorLedger;
import org.payerexchange.ledger.store.Pauses;
import org.payerexchange.ledger.store.TransferFilter;
import org.payerexchange.ledger.store.Waiting;

/** What operators do to many transfers at once, and to a payer or a sink as a whole. */
public final class Actions {
  private static final Set<String> PARTS = Set.of("action", "filter", "dryRun", "all", "most");
  private static final Set<String> LISTS = Set.of("state", "status", "reason");

  /** Of what is said twice nobody knows which counts. */
  private static final ObjectReader JSON =
      JsonLimits.mapper()
          .reader()
          .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final OperatorLedger ledger;
  private final Pauses pauses;
  private final Filters filters;

  /**
   * Works on this ledger.
   *
   * @param known whether there is, or was, such a payer or sink
   */
  public Actions(
      OperatorLedger ledger, Pauses pauses, BiPredicate<TokenClient.Kind, String> known) {
    this.ledger = ledger;
    this.pauses = pauses;
    this.filters = new Filters(known);
  }

  /**
   * Does something to all transfers that a filter lets through, or tells what it would do.
   *
   * @param body {@code {"action": …, "filter": {…}, "dryRun": …, "all": …, "most": …}}; without a
   *     filter it is for all transfers, if {@code all} says so
   * @param headers may name the actor
   * @throws OpsRefusal 400 naming what makes no sense
   */
  public Answer act(byte[] body, Map<String, ?> headers) {
    JsonNode asked = object(read(body), "the body", PARTS);
    Action action =
        new Asked(Map.of("action", asked.path("action").asText())).constant(Action.class, "action");
    boolean dryRun = flag(asked, "dryRun");
    Map<String, String> given = filters(asked.path("filter"));
    String actor = Operations.actor(new Asked(headers));
    if (action.toTransfers == null) {
      return new Answer(action, dryRun, pauseOrResume(action, given, actor, dryRun));
    }
    if (given.isEmpty() && !flag(asked, "all")) {
      throw new OpsRefusal(400, "the filter is empty: say \"all\": true to mean all transfers");
    }
    TransferFilter filter = filters.of(new Asked(given));
    return new Answer(
        action, dryRun, ledger.act(action.toTransfers, filter, actor, dryRun, most(asked)));
  }

  private ActionReport pauseOrResume(
      Action action, Map<String, String> given, String actor, boolean dryRun) {
    filters.of(new Asked(given));
    TokenClient.Kind kind =
        Stream.of(TokenClient.Kind.values())
            .filter(one -> given.keySet().equals(Set.of(one.key())))
            .findFirst()
            .orElseThrow(
                () ->
                    new OpsRefusal(400, "%s is for one payer or one sink alone".formatted(action)));
    String name = given.get(kind.key());
    if (kind == TokenClient.Kind.SINK && Waiting.isOurOwn(name)) {
      throw new OpsRefusal(400, "%s is our own: it cannot be paused".formatted(name));
    }
    boolean isToPause = action == Action.PAUSE;
    boolean done =
        dryRun
            ? pauses.isPaused(kind, name) != isToPause
            : isToPause ? pauses.pause(kind, name, actor) : pauses.resume(kind, name, actor);
    return new ActionReport(1, done ? 1 : 0, done ? Map.of() : Map.of(NotDone.ALREADY, 1L));
  }

  static JsonNode read(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      throw new OpsRefusal(400, "the body is no JSON");
    }
  }

  static JsonNode object(JsonNode node, String what, Set<String> known) {
    if (!node.isObject()) {
      throw new OpsRefusal(400, what + " is no JSON object");
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!known.contains(name)) {
        throw new OpsRefusal(
            400,
            "%s is not known in %s; there are %s"
                .formatted(QueryNames.told(name), what, String.join(", ", new TreeSet<>(known))));
      }
    }
    return node;
  }

  private static boolean flag(JsonNode asked, String name) {
    JsonNode flag = asked.path(name);
    if (!flag.isMissingNode() && !flag.isBoolean()) {
      throw new OpsRefusal(400, name + " is neither true nor false");
    }
    return flag.asBoolean();
  }

  /** What was seen in a dry run, so that no more is done than somebody agreed to. */
  private static long most(JsonNode asked) {
    JsonNode most = asked.path("most");
    if (most.isMissingNode()) {
      return Long.MAX_VALUE;
    }
    if (!most.isIntegralNumber() || !most.canConvertToLong() || most.asLong() < 0) {
      throw new OpsRefusal(400, "most is no number from 0 on");
    }
    return most.asLong();
  }

  private static Map<String, String> filters(JsonNode asked) {
    return asked.isMissingNode() ? Map.of() : texts(object(asked, "the filter", Filters.NAMES));
  }

  /** The members of an object as they stand in a query. */
  static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new TreeMap<>();
    object
        .properties()
        .forEach(entry -> texts.put(entry.getKey(), text(entry.getKey(), entry.getValue())));
    return texts;
  }

  private static String text(String name, JsonNode value) {
    if (value.isTextual()) {
      return value.asText();
    }
    if (LISTS.contains(name) && value.isArray()) {
      return value.valueStream().map(JsonNode::asText).collect(Collectors.joining(","));
    }
    throw new OpsRefusal(400, name + " is no text");
  }

  /** What may be asked for. */
  public enum Action {
    /** See {@link OperatorAction#RETRY}. */
    RETRY(OperatorAction.RETRY),
    /** See {@link OperatorAction#CANCEL}. */
    CANCEL(OperatorAction.CANCEL),
    /** See {@link OperatorAction#NOW}. */
    NOW(OperatorAction.NOW),
    /** Nothing is begun any more at a payer or sink. */
    PAUSE(null),
    /** All goes on there. */
    RESUME(null);

    private final OperatorAction toTransfers;

    Action(OperatorAction toTransfers) {
      this.toTransfers = toTransfers;
    }
  }

  /**
   * What was done, or would be.
   *
   * @param report of transfers, or of the one payer or sink
   */
  public record Answer(Action action, boolean dryRun, @JsonUnwrapped ActionReport report) {}
}
