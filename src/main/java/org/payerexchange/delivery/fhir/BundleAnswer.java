package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import org.payerexchange.http.CountedStream;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * Reads a Bundle that the FHIR server answers with as it comes, and keeps of it what became of each
 * entry. The resources that a server sends along, asked for or not, are passed over: their texts
 * may be whole documents, and are never in memory.
 */
final class BundleAnswer {
  /** How many times as much is passed over as may be kept. */
  private static final long TIMES = 32;

  private static final Set<String> OF_BUNDLE = Set.of("resourceType", "type", "entry");
  private static final Set<String> OF_ENTRY = Set.of("response");
  private static final JsonMapper JSON = JsonLimits.resources(Long.MAX_VALUE).build();

  private final JsonParser from;
  private final JsonGenerator to;

  private BundleAnswer(JsonParser from, JsonGenerator to) {
    this.from = from;
    this.to = to;
  }

  /**
   * Reads one to its end; the stream is not closed.
   *
   * @param most bytes that are kept
   * @return the Bundle without its resources
   * @throws AnswerTooLarge if it is
   * @throws TransferException {@link FailureReason#BAD_ANSWER} if it is not JSON
   */
  static byte[] read(InputStream answer, int most) throws IOException {
    Kept kept = new Kept(most);
    try (JsonParser from = JSON.createParser(new Passing(answer, most * TIMES));
        JsonGenerator to = JSON.createGenerator(kept)) {
      from.disable(JsonParser.Feature.AUTO_CLOSE_SOURCE);
      new BundleAnswer(from, to).bundle();
    } catch (StreamConstraintsException tooMuch) {
      throw new AnswerTooLarge("is nested too deep, or has too long names, numbers or texts");
    } catch (JsonProcessingException unreadable) {
      throw new TransferException(FailureReason.BAD_ANSWER, "the FHIR server's answer is not JSON");
    }
    return kept.toByteArray();
  }

  private void bundle() throws IOException {
    if (from.nextToken() == JsonToken.START_OBJECT) {
      object(OF_BUNDLE);
    } else {
      from.skipChildren();
    }
    if (from.currentToken() != null && from.nextToken() != null) {
      throw new TransferException(FailureReason.BAD_ANSWER, "the FHIR server's answer is not JSON");
    }
  }

  private void object(Set<String> wanted) throws IOException {
    to.writeStartObject();
    while (from.nextToken() == JsonToken.FIELD_NAME) {
      String name = from.currentName();
      JsonToken value = from.nextToken();
      if (!wanted.contains(name)) {
        from.skipChildren();
      } else {
        to.writeFieldName(name);
        if (name.equals("entry") && value == JsonToken.START_ARRAY) {
          entries();
        } else {
          to.copyCurrentStructure(from);
        }
      }
    }
    to.writeEndObject();
  }

  private void entries() throws IOException {
    to.writeStartArray();
    while (from.nextToken() != JsonToken.END_ARRAY) {
      if (from.currentToken() == JsonToken.START_OBJECT) {
        object(OF_ENTRY);
      } else {
        to.copyCurrentStructure(from);
      }
    }
    to.writeEndArray();
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
            "is longer than %s times p2p.http.max-answer-bytes".formatted(TIMES));
      }
    }
  }

  /** What may be kept. */
  private static final class Kept extends ByteArrayOutputStream {
    private final int most;

    Kept(int most) {
      this.most = most;
    }

    @Override
    public synchronized void write(int b) {
      require(1);
      super.write(b);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) {
      require(length);
      super.write(bytes, from, length);
    }

    private void require(int more) {
      if (more > most - size()) {
        throw new AnswerTooLarge(
            "is longer than %s bytes (p2p.http.max-answer-bytes)".formatted(most));
      }
    }
  }
}
