package org.payerexchange.export;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * A payer's answer to a status request. A manifest's lists of files can be long: they are read as a
 * stream, entry by entry, and nothing is kept of an entry but what is asked for.
 *
 * @param said all but the lists of files
 * @param files the lists of files that the answer has, in the payer's order
 */
public record StatusAnswer(ObjectNode said, Map<FileKind, List<Entry>> files) {
  private static final Map<String, FileKind> LISTS =
      Map.of(
          "output", FileKind.OUTPUT,
          "error", FileKind.ERROR,
          // what Bulk Data Access 4 calls it
          "outcome", FileKind.ERROR,
          "deleted", FileKind.DELETED);

  /**
   * An entry of a list of files.
   *
   * @param type null where it has none that is a text
   * @param url null where it has none
   * @param count null where it is not a count
   */
  public record Entry(String type, String url, Long count) {
    /** Not the URL, which may hold ids. */
    @Override
    public String toString() {
      return "Entry";
    }
  }

  /**
   * The mapper that reads it; it throws {@link TransferException} of {@link
   * FailureReason#TOO_LARGE} where there are too many files.
   *
   * @param maxFiles how many files an answer may name
   */
  public static ObjectMapper mapper(int maxFiles) {
    return JsonLimits.builder()
        .addModule(new SimpleModule().addDeserializer(StatusAnswer.class, new Reader(maxFiles)))
        .build();
  }

  /** What the answer says under a name, a list of files apart. */
  JsonNode path(String name) {
    return said.path(name);
  }

  /** A list of files; empty where there is none. */
  Optional<List<Entry>> files(FileKind kind) {
    return Optional.ofNullable(files.get(kind));
  }

  /** Neither URLs nor words: both may hold ids. */
  @Override
  public String toString() {
    return "StatusAnswer";
  }

  private static final class Reader extends JsonDeserializer<StatusAnswer> {
    private final int maxFiles;

    Reader(int maxFiles) {
      this.maxFiles = maxFiles;
    }

    @Override
    public StatusAnswer deserialize(JsonParser json, DeserializationContext context)
        throws IOException {
      StatusAnswer answer =
          new StatusAnswer(JsonNodeFactory.instance.objectNode(), new EnumMap<>(FileKind.class));
      int left = maxFiles;
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        FileKind kind = LISTS.get(name);
        if (kind != null && value == JsonToken.START_ARRAY) {
          List<Entry> entries = entries(json, left);
          left -= entries.size();
          answer.files.computeIfAbsent(kind, unused -> new ArrayList<>()).addAll(entries);
        } else {
          JsonNode tree = json.readValueAsTree();
          answer.said.set(name, tree);
        }
      }
      return answer;
    }

    private List<Entry> entries(JsonParser json, int most) throws IOException {
      List<Entry> entries = new ArrayList<>();
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (entries.size() == most) {
          throw new TransferException(
              FailureReason.TOO_LARGE,
              "the manifest names more files than p2p.export.max-files (%s)".formatted(maxFiles));
        }
        entries.add(entry(json));
      }
      return entries;
    }

    private static Entry entry(JsonParser json) throws IOException {
      String type = null;
      String url = null;
      Long count = null;
      if (json.currentToken() == JsonToken.START_OBJECT) {
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
          json.nextToken();
          switch (name) {
            case "type" -> type = text(json);
            case "url" -> url = text(json);
            case "count" -> count = count(json);
            default -> {}
          }
          json.skipChildren();
        }
      }
      json.skipChildren();
      return new Entry(type, url, count);
    }

    private static String text(JsonParser json) throws IOException {
      String text =
          json.currentToken().isScalarValue() && json.currentToken() != JsonToken.VALUE_NULL
              ? json.getText()
              : "";
      return text.isBlank() ? null : text;
    }

    private static Long count(JsonParser json) throws IOException {
      return json.currentToken() == JsonToken.VALUE_NUMBER_INT
              && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER
              && json.getLongValue() >= 0
          ? Long.valueOf(json.getLongValue())
          : null;
    }
  }
}
