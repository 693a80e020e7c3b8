package org.payerexchange.retrieve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.ResourceType;
import org.payerexchange.download.MinimumSpeed;
import org.payerexchange.http.OutcomeCodes;
import org.payerexchange.http.PayerRequest;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** Reads answers into the file of a retrieval, and says how far that is then. */
final class PageReader {
  static final int NOT_IMPLEMENTED = 501;

  private static final Set<String> TYPES =
      Stream.of(ResourceType.values())
          .map(ResourceType::name)
          .collect(Collectors.toUnmodifiableSet());
  private static final int BEGUN_ANEW_AT_MOST = 3;
  private static final int LONGEST_ID = 128;

  /** FHIR R4, {@code instant}. */
  private static final Pattern INSTANT = Pattern.compile("[0-9TZ:.+-]{10,40}");

  private static final int BAD_REQUEST = 400;
  private static final Set<Integer> NOT_THERE = Set.of(404, 405, NOT_IMPLEMENTED);
  private static final Set<Integer> GONE = Set.of(404, 410);

  private final MinimumSpeed minimumSpeed;
  private final long most;

  /**
   * Reads pages.
   *
   * @param minimumSpeed how slowly a page may come
   * @param most how many bytes it may have
   */
  PageReader(MinimumSpeed minimumSpeed, long most) {
    this.minimumSpeed = minimumSpeed;
    this.most = most;
  }

  /**
   * Takes an answer.
   *
   * @throws TransferException as {@link PageRetrieval#page}
   * @throws JsonProcessingException if it is no JSON, or beyond the bounds
   * @throws IOException if the file cannot be used
   */
  Checkpoint take(Retrieval retrieval, int status, InputStream body) throws IOException {
    if (!PayerRequest.WHOLE.contains(status)) {
      return refused(retrieval, status);
    }
    return retrieval.readsReferences() ? read(retrieval, body) : page(retrieval, body);
  }

  /**
   * Whether a payer says that it does not have what it was asked for at all: an OperationOutcome of
   * a 400 tells.
   */
  boolean isNotThere(int status, InputStream body) throws IOException {
    return NOT_THERE.contains(status)
        || (status == BAD_REQUEST && OutcomeCodes.of(resource(body)).has("not-supported"));
  }

  private static Checkpoint refused(Retrieval retrieval, int status) {
    Checkpoint at = retrieval.at();
    if (retrieval.readsReferences()) {
      return at.notRead(retrieval.takeReference());
    }
    boolean isFurtherPage = at.place().next() != null;
    if (isFurtherPage && at.beganAnew() < BEGUN_ANEW_AT_MOST) {
      return at.anew();
    }
    if (isFurtherPage && GONE.contains(status)) {
      throw new TransferException(
          FailureReason.PAYER_REFUSED,
          "the payer loses a page of %s again and again".formatted(retrieval.source().what()));
    }
    if (retrieval.hasAlternative()) {
      return at.otherwise();
    }
    if (!retrieval.isOptional()) {
      throw new TransferException(
          FailureReason.PAYER_REFUSED,
          "payer answered %s to the request for %s".formatted(status, retrieval.source().what()));
    }
    return at.without(
        "the payer answered %s to a search for %s: what there is of it is missing"
            .formatted(status, retrieval.source().what()));
  }

  /** What is read by reference is kept where it is what was asked for. */
  private Checkpoint read(Retrieval retrieval, InputStream body) throws IOException {
    JsonNode resource = resource(body);
    String name = retrieval.takeReference();
    boolean asAsked =
        name.equals(resource.path("resourceType").asText() + "/" + resource.path("id").asText())
            && !retrieval.isAnothers(resource);
    if (asAsked) {
      try (PageFile.Lines lines = retrieval.file().append()) {
        keep(retrieval, lines, resource);
      }
    }
    return asAsked ? retrieval.at().read(retrieval.file().size()) : retrieval.at().notRead(name);
  }

  /** One that is none, or too large, is not had by asking again. */
  private JsonNode resource(InputStream body) throws IOException {
    try {
      return PageJson.read(bounded(body), entry -> {});
    } catch (JsonProcessingException none) {
      return MissingNode.getInstance();
    } catch (TransferException failed) {
      if (failed.reason() == FailureReason.TOO_LARGE) {
        return MissingNode.getInstance();
      }
      throw failed;
    }
  }

  private Checkpoint page(Retrieval retrieval, InputStream body) throws IOException {
    Checkpoint at = retrieval.at();
    Missing[] missing = {Missing.NOTHING};
    boolean[] hasEntries = {false};
    boolean[] saysNothingFound = {true};
    ObjectNode rest;
    try (PageFile.Lines lines = retrieval.file().append()) {
      rest =
          PageJson.read(
              bounded(body),
              entry -> {
                hasEntries[0] = true;
                saysNothingFound[0] &= Outcomes.mayMeanNothingFound(entry.path("resource"));
                missing[0] = missing[0].and(entry(retrieval, lines, entry));
              });
      if (!isBundle(rest)) {
        boolean isResource =
            rest.path("resourceType").asText().equals(retrieval.source().what()) && !hasEntries[0];
        if (!isResource) {
          throw new TransferException(
              FailureReason.BAD_ANSWER,
              "a page of %s is no Bundle".formatted(retrieval.source().what()));
        }
        if (retrieval.isAnothers(rest)) {
          throw new TransferException(
              FailureReason.BAD_ANSWER, "the payer answered with another Patient");
        }
        keep(retrieval, lines, rest);
      }
    }
    boolean isEmpty = saysNothingFound[0] && rest.path("total").asInt(-1) == 0;
    return at.after(
        retrieval.file().size(),
        next(retrieval, rest),
        isEmpty ? Missing.NOTHING : missing[0],
        asOf(rest));
  }

  private static boolean isBundle(JsonNode page) {
    return page.path("resourceType").asText().equals("Bundle");
  }

  /** When a Bundle was made; of a resource by itself the same element says when it was changed. */
  private static String asOf(JsonNode page) {
    JsonNode made = page.path("meta").path("lastUpdated");
    return isBundle(page) && made.isTextual() && INSTANT.matcher(made.textValue()).matches()
        ? made.textValue()
        : null;
  }

  private static Missing entry(Retrieval retrieval, PageFile.Lines lines, JsonNode entry)
      throws IOException {
    JsonNode resource = entry.path("resource");
    String type = resource.path("resourceType").asText();
    if (type.equals("OperationOutcome")) {
      return Outcomes.isHarmless(resource) ? Missing.NOTHING : Missing.OUTCOME;
    }
    if (!resource.isObject()
        || !TYPES.contains(type)
        || resource.path("id").asText().length() > LONGEST_ID) {
      return Missing.EMPTY;
    }
    if (retrieval.isAnothers(resource)) {
      return Missing.OTHERS;
    }
    keep(retrieval, lines, resource);
    return Missing.NOTHING;
  }

  private static void keep(Retrieval retrieval, PageFile.Lines lines, JsonNode resource)
      throws IOException {
    byte[] line = PageJson.line(resource);
    if (retrieval.note(resource, line)) {
      lines.add(line);
    }
  }

  private static String next(Retrieval retrieval, JsonNode page) {
    return page.path("link")
        .valueStream()
        .filter(link -> link.path("relation").asText().equals("next"))
        .map(link -> link.path("url").asText())
        .filter(url -> !url.isBlank())
        .findFirst()
        .map(retrieval::following)
        .orElse(null);
  }

  private InputStream bounded(InputStream body) {
    return new PageBody(minimumSpeed.demandedOf(body), most);
  }
}
