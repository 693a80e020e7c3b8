package org.payerexchange.delivery.fhir;

import static java.util.stream.Collectors.partitioningBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.payerexchange.payer.FailureReason;
import org.payerexchange.payer.TransferException;

/**
 * Some changes that go to the FHIR server together, until each is made or left over. First the
 * server is asked for targets of references that are not part of the transfer; then the changes go
 * as one Bundle. A transaction that is refused goes again as a batch, whose entries stand alone; a
 * batch that is refused as a whole goes in halves, down to the entry that it was refused for.
 */
final class Parcel {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final Pattern STATUS = Pattern.compile("[1-5][0-9][0-9]\\b");
  private static final int MOST_QUESTIONS = 200;

  private final long lastLine;
  private final KnownTargets targets;
  private final Map<String, List<FhirEntry.Link>> uncertain = new HashMap<>();
  private final Deque<List<String>> questions = new ArrayDeque<>();
  private final Deque<Piece> pieces = new ArrayDeque<>();
  private final List<Leftover> leftovers = new ArrayList<>();
  private final List<String> made = new ArrayList<>();
  private boolean begun;
  private boolean cut;
  private long cutReferences;
  private String written;
  private List<String> asked;
  private Piece sent;

  /** What goes as one Bundle. */
  private record Piece(List<FhirEntry> entries, boolean transaction) {}

  /**
   * Packs changes.
   *
   * @param lastLine the line of the file that the delivery has come to with it
   * @param groups the changes, as they go together
   * @param transaction whether each group is tried as a transaction first
   * @param targets what is known of the server
   */
  Parcel(long lastLine, List<List<FhirEntry>> groups, boolean transaction, KnownTargets targets) {
    this.lastLine = lastLine;
    this.targets = targets;
    for (List<FhirEntry> group : groups) {
      pieces.add(new Piece(List.copyOf(group), transaction));
      cutReferences += group.stream().mapToLong(FhirEntry::cut).sum();
      group.stream()
          .flatMap(entry -> entry.links().stream())
          .filter(link -> !link.certain())
          .forEach(
              link -> uncertain.computeIfAbsent(link.target(), key -> new ArrayList<>()).add(link));
    }
  }

  private void ask() {
    List<String> unknown = new ArrayList<>();
    uncertain
        .keySet()
        .forEach(
            target ->
                targets
                    .exists(target)
                    .ifPresentOrElse(exists -> settle(target, exists), () -> unknown.add(target)));
    for (int from = 0; from < unknown.size(); from += MOST_QUESTIONS) {
      questions.add(
          List.copyOf(unknown.subList(from, Math.min(from + MOST_QUESTIONS, unknown.size()))));
    }
  }

  /** The line of the file that the delivery has come to with it. */
  long lastLine() {
    return lastLine;
  }

  /** What is left once it is not open any more. */
  List<Leftover> leftovers() {
    return List.copyOf(leftovers);
  }

  /** The URLs of the changes that the server has made so far. */
  List<String> made() {
    return List.copyOf(made);
  }

  /** Whether something was sent without a reference whose target the server does not have. */
  boolean hasCut() {
    return cut;
  }

  /** How many references were lost. */
  long cutReferences() {
    return cutReferences;
  }

  /** Adds a change that is none to be sent. */
  void leave(Leftover leftover) {
    leftovers.add(leftover);
  }

  /** Leaves what refers to one of these, before anything is sent. */
  void holdBack(Predicate<String> missing) {
    List<Piece> all = List.copyOf(pieces);
    pieces.clear();
    for (Piece piece : all) {
      Map<Boolean, List<FhirEntry>> waiting =
          piece.entries().stream()
              .collect(
                  partitioningBy(
                      entry ->
                          entry.links().stream().anyMatch(link -> missing.test(link.target()))));
      waiting.get(true).forEach(entry -> leave(Leftover.waiting(entry)));
      if (!waiting.get(false).isEmpty()) {
        pieces.add(new Piece(waiting.get(false), piece.transaction()));
      }
    }
    written = leftovers.isEmpty() ? written : null;
  }

  /** Whether there is something to send. */
  boolean isOpen() {
    return !questions.isEmpty() || !pieces.isEmpty();
  }

  /**
   * Writes the first Bundle now, unless that takes an answer of the server.
   *
   * @param baseUrl the server's
   */
  void writeAhead(String baseUrl) {
    if (uncertain.isEmpty() && !pieces.isEmpty()) {
      written = FhirJson.write(bundle(pieces.peek(), baseUrl));
    }
  }

  /** Whether the last Bundle was a transaction. */
  boolean isTransaction() {
    return asked == null && sent.transaction();
  }

  /**
   * The next Bundle.
   *
   * @param baseUrl the server's
   */
  String bundle(String baseUrl) {
    if (!begun) {
      begun = true;
      ask();
    }
    asked = questions.poll();
    if (asked != null) {
      return FhirJson.write(question(asked));
    }
    sent = pieces.remove();
    String bundle = written == null ? FhirJson.write(bundle(sent, baseUrl)) : written;
    written = null;
    return bundle;
  }

  private static ObjectNode question(List<String> urls) {
    ObjectNode bundle = NODES.objectNode();
    ArrayNode entries = bundle.put("resourceType", "Bundle").put("type", "batch").putArray("entry");
    for (String url : urls) {
      entries.addObject().putObject("request").put("method", "GET").put("url", url);
    }
    return bundle;
  }

  private static ObjectNode bundle(Piece piece, String baseUrl) {
    ObjectNode bundle = NODES.objectNode();
    bundle.put("resourceType", "Bundle");
    bundle.put("type", piece.transaction() ? "transaction" : "batch");
    ArrayNode entries = bundle.putArray("entry");
    for (FhirEntry change : piece.entries()) {
      ObjectNode entry = entries.addObject();
      if (change.resource() != null) {
        entry.put("fullUrl", baseUrl + "/" + change.url());
        entry.set("resource", change.resource());
      }
      entry.putObject("request").put("method", change.method()).put("url", change.url());
    }
    return bundle;
  }

  /**
   * Reads the answer to the last Bundle entry by entry.
   *
   * @throws TransferException {@link FailureReason#BAD_ANSWER} if it does not answer each entry
   */
  void answered(JsonNode answer) {
    JsonNode entries = answer.path("entry");
    int expected = asked == null ? sent.entries().size() : asked.size();
    if (!answer.path("resourceType").asText().equals("Bundle") || entries.size() != expected) {
      throw new TransferException(
          FailureReason.BAD_ANSWER, "the FHIR server's answer is no Bundle of one entry for each");
    }
    for (int i = 0; i < expected; i++) {
      JsonNode response = entries.get(i).path("response");
      if (asked == null) {
        judge(sent.entries().get(i), status(response), response.get("outcome"));
      } else {
        learn(asked.get(i), status(response));
      }
    }
  }

  private int status(JsonNode response) {
    String status = response.path("status").asText();
    if (STATUS.matcher(status).lookingAt()) {
      return Integer.parseInt(status.substring(0, 3));
    }
    if (isTransaction()) {
      return 200;
    }
    throw new TransferException(
        FailureReason.BAD_ANSWER, "the FHIR server's answer has an entry without a status");
  }

  private void judge(FhirEntry entry, int status, JsonNode outcome) {
    if (entry.isDoneBy(status)) {
      made.add(entry.url());
      targets.taken(entry.url());
    } else {
      leftovers.add(new Leftover(entry, status, outcome));
    }
  }

  /** Another answer than yes or no is taken for yes: the server will say it once more. */
  private void learn(String target, int status) {
    boolean exists = status != 404 && status != 410;
    targets.learn(target, exists);
    settle(target, exists);
  }

  private void settle(String target, boolean exists) {
    if (!exists) {
      cutReferences += uncertain.get(target).stream().filter(FhirEntry.Link::cut).count();
      cut = true;
    }
  }

  /**
   * Goes on after the last Bundle was refused as a whole for what is in it.
   *
   * @param outcome the OperationOutcome, or null
   */
  void refused(int status, JsonNode outcome) {
    if (asked != null) {
      asked.forEach(target -> learn(target, status == 404 ? 400 : status));
      return;
    }
    List<FhirEntry> entries = sent.entries();
    if (sent.transaction()) {
      pieces.addFirst(new Piece(entries, false));
    } else if (entries.size() == 1) {
      judge(entries.get(0), status, outcome);
    } else {
      int half = entries.size() / 2;
      pieces.addFirst(new Piece(entries.subList(half, entries.size()), false));
      pieces.addFirst(new Piece(entries.subList(0, half), false));
    }
  }
}
