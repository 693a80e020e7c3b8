package org.payerexchange.ops;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonProcessingException;
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
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.ledger.ActionReport;
import org.payerexchange.ledger.OperatorAction;
import org.payerexchange.ledger.OperatorLedger;
import org.payerexchange.ledger.TransferFilter;

/** What operators do to many transfers at once. */
public final class Actions {
  private static final Set<String> PARTS = Set.of("action", "filter", "dryRun", "all");
  private static final Set<String> LISTS = Set.of("state", "status", "reason");

  /** Of what is said twice nobody knows which counts. */
  private static final ObjectReader JSON =
      JsonLimits.mapper()
          .reader()
          .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final OperatorLedger ledger;

  /** Works on this ledger. */
  public Actions(OperatorLedger ledger) {
    this.ledger = ledger;
  }

  /**
   * Does something to all transfers that a filter lets through, or tells what it would do.
   *
   * @param body {@code {"action": …, "filter": {…}, "dryRun": …, "all": …}}; without a filter it is
   *     for all transfers, if {@code all} says so
   * @param headers may name the actor
   * @throws OpsRefusal 400 naming what makes no sense
   */
  public Answer act(byte[] body, Map<String, ?> headers) throws IOException {
    JsonNode asked = object(read(body), "the body", PARTS);
    OperatorAction action =
        new Asked(Map.of("action", asked.path("action").asText()))
            .constant(OperatorAction.class, "action");
    boolean dryRun = flag(asked, "dryRun");
    Map<String, String> filters = filters(asked.path("filter"));
    if (filters.isEmpty() && !flag(asked, "all")) {
      throw new OpsRefusal(400, "the filter is empty: say \"all\": true to mean all transfers");
    }
    TransferFilter filter = Filters.of(new Asked(filters));
    return new Answer(
        action, dryRun, ledger.act(action, filter, Operations.actor(new Asked(headers)), dryRun));
  }

  private static JsonNode read(byte[] body) throws IOException {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new OpsRefusal(400, "the body is no JSON");
    }
  }

  private static JsonNode object(JsonNode node, String what, Set<String> known) {
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

  /** As they stand in a query. */
  private static Map<String, String> filters(JsonNode asked) {
    Map<String, String> filters = new TreeMap<>();
    if (!asked.isMissingNode()) {
      object(asked, "the filter", Filters.NAMES)
          .properties()
          .forEach(entry -> filters.put(entry.getKey(), text(entry.getKey(), entry.getValue())));
    }
    return filters;
  }

  private static String text(String name, JsonNode value) {
    if (value.isTextual()) {
      return value.asText();
    }
    if (LISTS.contains(name) && value.isArray()) {
      return StreamSupport.stream(value.spliterator(), false)
          .map(JsonNode::asText)
          .collect(Collectors.joining(","));
    }
    throw new OpsRefusal(400, name + " is no text");
  }

  /** What was done, or would be. */
  public record Answer(OperatorAction action, boolean dryRun, @JsonUnwrapped ActionReport report) {}
}
