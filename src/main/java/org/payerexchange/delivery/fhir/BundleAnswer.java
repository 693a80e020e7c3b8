package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import org.payerexchange.http.CountedStream;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * Reads a Bundle that the FHIR server answers with as it comes, and keeps of it what became of each
 * entry: its status, and a share of its outcome. The resources that a server sends along, asked for
 * or not, are passed over: their texts may be whole documents, and are never in memory.
 */
final class BundleAnswer {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final JsonMapper JSON = JsonLimits.resources(Long.MAX_VALUE).build();

  /** No type and no status is longer, in characters. */
  private static final int LONGEST = 100;

  private final JsonParser from;
  private final AnswerLimits limits;

  private BundleAnswer(JsonParser from, AnswerLimits limits) {
    this.from = from;
    this.limits = limits;
  }

  /**
   * Reads one to its end; the stream is not closed.
   *
   * @return the Bundle without its resources; with one entry more than there can be where there are
   *     more; empty where it is no object
   * @throws AnswerTooLarge if it is
   * @throws TransferException {@link FailureReason#BAD_ANSWER} if it is not JSON
   */
  static ObjectNode read(InputStream answer, AnswerLimits limits) throws IOException {
    try (JsonParser from = JSON.createParser(new Passing(answer, limits.passing()))) {
      from.disable(JsonParser.Feature.AUTO_CLOSE_SOURCE);
      return new BundleAnswer(from, limits).whole();
    } catch (StreamConstraintsException tooMuch) {
      throw new AnswerTooLarge("is nested too deep, or has too long names, numbers or texts");
    } catch (JsonProcessingException unreadable) {
      throw new TransferException(FailureReason.BAD_ANSWER, "the FHIR server's answer is not JSON");
    }
  }

  private ObjectNode whole() throws IOException {
    ObjectNode bundle = NODES.objectNode();
    if (from.nextToken() == JsonToken.START_OBJECT) {
      bundle(bundle);
    } else {
      from.skipChildren();
    }
    if (from.currentToken() != null && from.nextToken() != null) {
      throw new TransferException(FailureReason.BAD_ANSWER, "the FHIR server's answer is not JSON");
    }
    return bundle;
  }

  private void bundle(ObjectNode bundle) throws IOException {
    while (from.nextToken() == JsonToken.FIELD_NAME) {
      String name = from.currentName();
      JsonToken value = from.nextToken();
      if (name.equals("entry") && value == JsonToken.START_ARRAY) {
        entries(bundle.putArray(name));
      } else if (name.equals("resourceType") || name.equals("type")) {
        word(bundle, name, value);
      } else {
        from.skipChildren();
      }
    }
  }

  /** What is no word is left out. */
  private void word(ObjectNode holder, String name, JsonToken value) throws IOException {
    if (value.isScalarValue()) {
      String text = from.getText();
      holder.put(name, text.substring(0, Math.min(text.length(), LONGEST)));
    } else {
      from.skipChildren();
    }
  }

  private void entries(ArrayNode entries) throws IOException {
    while (from.nextToken() != JsonToken.END_ARRAY) {
      if (entries.size() > limits.entries()) {
        from.skipChildren();
      } else {
        entry(entries.addObject());
      }
    }
  }

  private void entry(ObjectNode entry) throws IOException {
    if (from.currentToken() != JsonToken.START_OBJECT) {
      from.skipChildren();
      return;
    }
    while (from.nextToken() == JsonToken.FIELD_NAME) {
      String name = from.currentName();
      if (from.nextToken() == JsonToken.START_OBJECT && name.equals("response")) {
        response(entry.putObject(name));
      } else {
        from.skipChildren();
      }
    }
  }

  private void response(ObjectNode response) throws IOException {
    while (from.nextToken() == JsonToken.FIELD_NAME) {
      String name = from.currentName();
      JsonToken value = from.nextToken();
      if (name.equals("outcome") && value == JsonToken.START_OBJECT) {
        response.set(name, OutcomeShare.read(from, limits));
      } else if (name.equals("status")) {
        word(response, name, value);
      } else {
        from.skipChildren();
      }
    }
  }

  /**
   * What a refusal is told with.
   *
   * @return the share that is kept of an OperationOutcome; what is none as it is
   */
  static byte[] refusal(byte[] body, AnswerLimits limits) throws IOException {
    try (JsonParser from = JSON.createParser(body)) {
      if (from.nextToken() == JsonToken.START_OBJECT) {
        ObjectNode outcome = OutcomeShare.read(from, limits);
        if (outcome.path("resourceType").asText().equals("OperationOutcome")) {
          return FhirJson.bytes(outcome);
        }
      }
    } catch (JsonProcessingException other) {
      return body;
    }
    return body;
  }

  /** What may be read in all. */
  private static final class Passing extends CountedStream {
    private long left;

    Passing(InputStream answer, long most) {
      super(answer);
      left = most;
    }

    @Override
    protected void count(int read) {
      left -= read;
      if (left < 0) {
        throw new AnswerTooLarge(
            "is longer than %s times p2p.http.max-answer-bytes".formatted(AnswerLimits.TIMES));
      }
    }
  }
}
