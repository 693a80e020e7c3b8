package org.payerexchange.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What a payer's answer may be instead of what it should be. */
final class Mutations {
  static final int[] STATUSES = {
    200, 201, 202, 203, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 406, 408,
    409, 410, 413, 416, 418, 422, 425, 429, 451, 500, 501, 502, 503, 504, 507, 520, 599
  };

  static final List<String> CODES =
      List.of(
          "transient",
          "exception",
          "timeout",
          "throttled",
          "not-found",
          "invalid",
          "processing",
          MutatingPayer.PHI,
          "");

  static final List<String> HEADERS =
      List.of(
          "",
          "Retry-After: 0\r\n",
          "Retry-After: 1\r\n",
          "Retry-After: -5\r\n",
          "Retry-After: " + MutatingPayer.PHI + "\r\n",
          "Location: \r\n",
          "Location: http://elsewhere.invalid/" + MutatingPayer.PHI + "\r\n",
          "Location: file:///etc/hostname\r\n",
          "Location: /v1/bison/bulk-data/r4/$export/job/none\r\n",
          "Content-Location: \r\n",
          "Content-Location: ://" + MutatingPayer.PHI + "\r\n",
          "Content-Location: http://elsewhere.invalid/job/1\r\n",
          "Content-Location: /" + "x".repeat(5000) + "\r\n",
          "Content-Type: text/html; charset=" + MutatingPayer.PHI + "\r\n",
          "Content-Encoding: br\r\n",
          "Content-Encoding: gzip, gzip\r\n",
          "Content-Range: bytes 5-2/*\r\n",
          "ETag: \"" + MutatingPayer.PHI + "\"\r\n",
          "Transfer-Encoding: chunked\r\n",
          "Set-Cookie: " + MutatingPayer.PHI + "\r\n",
          "X-Progress: " + "9".repeat(3000) + "%\r\n",
          "Expires: " + MutatingPayer.PHI + "\r\n");

  static final List<String> BODIES =
      List.of(
          "{}",
          "[]",
          "null",
          "true",
          "\"" + MutatingPayer.PHI + "\"",
          "<html>" + MutatingPayer.PHI + "</html>",
          "\uFEFF{\"groupId\": \"" + MutatingPayer.PHI + "\"}",
          "{\"status\": \"" + MutatingPayer.PHI + "\", \"output\": {}}",
          "{\"status\": \"Completed\", \"output\": \"" + MutatingPayer.PHI + "\"}",
          "{\"status\": \"Running\"}",
          "{\"output\": [{\"type\": \"" + MutatingPayer.PHI + "\", \"url\": \"/x\"}]}",
          "{\"output\": [{\"type\": \"Patient\", \"url\": \"javascript:"
              + MutatingPayer.PHI
              + "\"}]}",
          "{\"output\": [{\"type\": \"Patient\", \"url\": \"http://elsewhere.invalid/x\"}]}",
          "{\"output\": [null, 7, [], {\"url\": null}]}",
          "{\"access_token\": {\"a\": \"" + MutatingPayer.PHI + "\"}, \"expires_in\": []}",
          "{\"error\": \"invalid_client\", \"error_description\": \"" + MutatingPayer.PHI + "\"}",
          "{\"groupId\": [\"a\", \"b\"]}",
          "{\"groupId\": \"../../" + MutatingPayer.PHI + "\"}",
          "{\"a\": 1e999999999, \"groupId\": NaN}",
          "{\"issue\": {\"severity\": 7, \"details\": \"" + MutatingPayer.PHI + "\"}}");

  private static final ObjectMapper JSON = new ObjectMapper();

  private Mutations() {}

  /** The same JSON with one of its values replaced, removed or doubled; any other body doubled. */
  static byte[] rewritten(Random random, byte[] body) {
    try {
      JsonNode whole = JSON.readTree(body);
      List<JsonNode> parents = new ArrayList<>();
      collect(whole, parents);
      if (!parents.isEmpty()) {
        change(random, parents.get(random.nextInt(parents.size())));
        return JSON.writeValueAsBytes(whole);
      }
    } catch (IOException noJson) {
      // doubled
    }
    String text = new String(body, StandardCharsets.UTF_8);
    return (text + text).getBytes(StandardCharsets.UTF_8);
  }

  private static void collect(JsonNode node, List<JsonNode> parents) {
    if (node != null && node.isContainerNode() && !node.isEmpty()) {
      parents.add(node);
      node.forEach(child -> collect(child, parents));
    }
  }

  private static void change(Random random, JsonNode parent) {
    if (parent instanceof ArrayNode array) {
      int at = random.nextInt(array.size());
      switch (random.nextInt(3)) {
        case 0 -> array.remove(at);
        case 1 -> array.add(array.get(at));
        default -> array.set(at, value(random));
      }
    } else if (parent instanceof ObjectNode object) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      String name = names.get(random.nextInt(names.size()));
      switch (random.nextInt(3)) {
        case 0 -> object.remove(name);
        case 1 -> object.set(MutatingPayer.PHI, object.remove(name));
        default -> object.set(name, value(random));
      }
    }
  }

  private static JsonNode value(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> JSON.nullNode();
      case 1 -> JSON.createArrayNode().add(MutatingPayer.PHI);
      case 2 -> JSON.createObjectNode().put(MutatingPayer.PHI, MutatingPayer.PHI);
      case 3 -> JSON.getNodeFactory().numberNode(new BigInteger("9".repeat(40)));
      case 4 -> JSON.getNodeFactory().booleanNode(random.nextBoolean());
      case 5 -> JSON.getNodeFactory().textNode("");
      case 6 -> JSON.getNodeFactory().textNode(MutatingPayer.PHI.repeat(random.nextInt(300)));
      default -> JSON.getNodeFactory().numberNode(-1);
    };
  }
}
