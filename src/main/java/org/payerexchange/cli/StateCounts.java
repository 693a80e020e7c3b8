package org.payerexchange.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.payerexchange.ledger.TransferState;

/**
 * How many transfers are in which state.
 *
 * @param states states that some transfer is in, by their names
 * @param filtered whether filters keep any out
 */
record StateCounts(Map<String, Long> states, boolean filtered) {
  private static final Pattern COMMA = Pattern.compile(" *, *");
  private static final String STATE = "state";
  private static final String STATUS = "status";

  /** Of those that filters let through. */
  static StateCounts of(Desk desk, Map<String, String> filters) throws Exception {
    Map<String, String> each = new HashMap<>(filters);
    String asked = each.remove(each.containsKey(STATE) ? STATE : STATUS);
    List<String> names =
        asked == null
            ? Arrays.stream(TransferState.values()).map(Enum::name).toList()
            : COMMA.splitAsStream(asked.toUpperCase(Locale.ROOT)).distinct().toList();
    Map<String, Long> states = new LinkedHashMap<>();
    for (String name : names) {
      each.put("size", "1");
      each.put(STATE, name);
      long total = desk.list(each).path("total").asLong();
      if (total > 0) {
        states.put(name, total);
      }
    }
    return new StateCounts(states, !filters.isEmpty());
  }

  /** In one line. */
  String line() {
    String none = filtered ? "no such transfers" : "no transfers yet";
    return states.isEmpty()
        ? none
        : states.entrySet().stream()
            .map(state -> state.getKey() + " " + state.getValue())
            .collect(Collectors.joining("  "));
  }

  /** As an object with their sum. */
  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("total", states.values().stream().mapToLong(Long::longValue).sum());
    states.forEach(json.putObject("states")::put);
    return json;
  }
}
