package org.payerexchange.dialect.pdex;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.payerexchange.dialect.MatchKind;
import org.payerexchange.dialect.member.FhirJson;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * The Groups of a match job (PDex 2.1 and 2.2), whatever form they come in: Group resources as
 * NDJSON in one file or several, a Parameters resource that holds them as a line or as the body of
 * an answer. Any of these may be laid out over many lines, stand in a list, a Bundle, a base64
 * Binary or the {@code output} of a job's report, whatever the manifest says of it. The files are
 * read as streams; of what they hold nothing is kept but what tells members apart.
 */
final class BulkMatchAnswer {
  private final JsonMapper json;
  private final AnswerLimits limits;
  private final Predicate<String> isOwn;
  private final PickedJson picked;
  private final List<AnsweredGroup> groups = new ArrayList<>();
  private final List<AnsweredGroup> inParameters = new ArrayList<>();
  private long bytesLeft;

  /**
   * An answer of which nothing is read yet.
   *
   * @param json bounds depth and names; a string may be as long as an answer, as the data of a
   *     Binary is
   * @param isOwn whether a URL, up to a resource's type, is where the payer has its resources
   */
  BulkMatchAnswer(JsonMapper json, AnswerLimits limits, Predicate<String> isOwn) {
    this.json = json;
    this.limits = limits;
    this.isOwn = isOwn;
    this.picked = new PickedJson(limits);
    this.bytesLeft = limits.bytes();
  }

  /**
   * Reads a file, or the body of an answer, and closes it. After a failure the whole answer is to
   * be read anew.
   *
   * @throws TransferException {@link FailureReason#BAD_ANSWER} if it is not JSON to its end, {@link
   *     FailureReason#TOO_LARGE} if there is more of it than the limits allow
   * @throws IOException if it cannot be read
   */
  void add(InputStream file) throws IOException {
    try (BoundedStream bounded = new BoundedStream(file, limits.bytes(), bytesLeft);
        InputStream body = new BufferedInputStream(bounded)) {
      refuseXml(body);
      read(body, true);
      bytesLeft = bounded.left();
    }
  }

  /**
   * What was read: the Groups that came as themselves, else those that came in Parameters, since a
   * payer that sends both means the same by them (PDex 2.2).
   *
   * @throws TransferException {@link FailureReason#BAD_ANSWER} if there is no Group at all
   */
  List<AnsweredGroup> groups() {
    List<AnsweredGroup> all = groups.isEmpty() ? inParameters : groups;
    if (all.isEmpty()) {
      throw bad("holds no Group");
    }
    return List.copyOf(all);
  }

  private static void refuseXml(InputStream body) throws IOException {
    body.mark(1);
    boolean xml = body.read() == '<';
    body.reset();
    if (xml) {
      throw bad("is XML or HTML; its file is to be asked for with Accept: */*");
    }
  }

  private void read(InputStream body, boolean outermost) throws IOException {
    try (JsonParser parser = json.createParser(body)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.START_OBJECT) {
          resource(picked.read(parser), Optional.empty(), groups, outermost);
        } else if (token != JsonToken.START_ARRAY && token != JsonToken.END_ARRAY) {
          throw bad("holds something other than JSON objects");
        }
      }
    } catch (StreamConstraintsException beyond) {
      throw new TransferException(
          FailureReason.TOO_LARGE, "the answer to the match has JSON that is too deep or too long");
    } catch (JsonProcessingException | CharConversionException noJson) {
      throw bad("is not JSON to its end");
    }
  }

  private void resource(
      JsonNode resource, Optional<MatchKind> named, List<AnsweredGroup> into, boolean outermost)
      throws IOException {
    switch (FhirJson.text(resource, "resourceType")) {
      case "Group" -> into.add(AnsweredGroup.of(resource, named, isOwn));
      case "Binary" -> binary(resource, outermost);
      case "Bundle" -> {
        for (JsonNode entry : resource.path("entry")) {
          resource(entry.path("resource"), named, into, outermost);
        }
      }
      default -> {
        parameters(resource.path("parameter"), named, outermost);
        if (resource.path("output").isObject()) {
          resource(resource.path("output"), named, into, outermost);
        }
      }
    }
  }

  private void parameters(JsonNode parameters, Optional<MatchKind> above, boolean outermost)
      throws IOException {
    for (JsonNode parameter : parameters) {
      Optional<MatchKind> named = MatchKind.named(FhirJson.text(parameter, "name")).or(() -> above);
      resource(parameter.path("resource"), named, inParameters, outermost);
      parameters(parameter.path("part"), named, outermost);
    }
  }

  /** A Binary within a Binary is none. */
  private void binary(JsonNode binary, boolean outermost) throws IOException {
    if (outermost) {
      byte[] data;
      try {
        data = Base64.getMimeDecoder().decode(FhirJson.text(binary, "data"));
      } catch (IllegalArgumentException noBase64) {
        throw bad("is a Binary whose data is not base64");
      }
      read(new ByteArrayInputStream(data), false);
    }
  }

  private static TransferException bad(String what) {
    return new TransferException(FailureReason.BAD_ANSWER, "the answer to the match " + what);
  }

  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "BulkMatchAnswer";
  }
}
