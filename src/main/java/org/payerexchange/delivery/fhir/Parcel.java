package org.payerexchange.delivery.fhir;

import static java.util.Collections.disjoint;
import static java.util.stream.Collectors.partitioningBy;
import static java.util.stream.Collectors.toSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * Some changes that go to the FHIR server together, until each is made or left over. First the
 * server is asked for targets of references that are not part of the transfer; then the changes go
 * as one Bundle. What is refused may refer to what comes later in the transfer: the server is
 * asked, and where that is so, the changes go once more without those references, and are left over
 * to be made whole at the end. A transaction that is refused otherwise goes again as a batch, whose
 * entries stand alone; a batch that is refused as a whole goes in halves, down to the entry that it
 * was refused for.
 */
final class Parcel {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final Pattern STATUS = Pattern.compile("[1-5][0-9][0-9]\\b");

  /** So many targets are asked for with one Bundle at most. */
  static final int MOST_QUESTIONS = 200;

  private static final int MADE = 200;

  /** What a server refuses changes with whose references lead nowhere. */
  private static final Set<Integer> MAY_LACK_TARGETS = Set.of(400, 404, 409, 412, 422);

  /**
   * What a server answers for what it does not have, or whose type it does not know. Any other
   * answer is taken for yes: the server will say it once more.
   */
  private static final Set<Integer> NOT_THERE = Set.of(400, 404, 405, 410, 501);

  /** An answer of this type is the request: it was kept as a resource, and nothing of it done. */
  private static final Set<String> REQUESTS = Set.of("transaction", "batch");

  private final long lastLine;
  private final KnownTargets targets;
  private final Map<String, List<FhirEntry.Link>> uncertain = new HashMap<>();
  private final Deque<List<String>> questions = new ArrayDeque<>();
  private final Deque<Piece> pieces = new ArrayDeque<>();
  private final List<Leftover> leftovers = new ArrayList<>();
  private final Map<String, FhirEntry> made = new HashMap<>();
  private final List<Leftover> doubtful = new ArrayList<>();
  private final Map<String, FhirEntry> wholes = new HashMap<>();
  private final Set<String> urls = new HashSet<>();
  private final Set<String> references = new HashSet<>();
  private boolean begun;
  private boolean cut;
  private long cutReferences;
  private long subsetted;
  private String written;
  private List<String> asked;
  private Piece sent;

  /**
   * What goes as one Bundle, perhaps again, after the server was asked for what it may have lacked.
   */
  private record Piece(List<FhirEntry> entries, boolean transaction, boolean again) {
    Piece(List<FhirEntry> entries, boolean transaction) {
      this(entries, transaction, false);
    }

    /** Its references to what is part of the transfer and has to be there before it. */
    Stream<FhirEntry.Link> outward(FhirEntry entry) {
      Set<String> together = transaction ? urls() : Set.of();
      return entry.links().stream()
          .filter(link -> link.certain() && link.leads() && !together.contains(link.target()));
    }

    private Set<String> urls() {
      return entries.stream().map(FhirEntry::url).collect(toSet());
    }
  }

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
      if (group.isEmpty()) {
        continue;
      }
      pieces.add(new Piece(List.copyOf(group), transaction));
      group.forEach(
          entry -> {
            urls.add(entry.url());
            entry.links().forEach(link -> references.add(link.target()));
          });
      cutReferences += group.stream().mapToLong(FhirEntry::cut).sum();
      subsetted += group.stream().filter(FhirEntry::isSubsetted).count();
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
    ask(unknown);
  }

  private void ask(List<String> unknown) {
    for (int from = 0; from < unknown.size(); from += MOST_QUESTIONS) {
      questions.add(
          List.copyOf(unknown.subList(from, Math.min(from + MOST_QUESTIONS, unknown.size()))));
    }
  }

  /** Whether both change a resource, or one refers to what the other changes. */
  boolean meets(Parcel other) {
    return !disjoint(urls, other.urls)
        || !disjoint(references, other.urls)
        || !disjoint(urls, other.references);
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
  Set<String> made() {
    return Set.copyOf(made.keySet());
  }

  /**
   * Whether it is a resource that members share and another one's transfer has just written, or
   * still needs: that is as good, where it is there.
   */
  boolean isLeftToOthers(Leftover leftover) {
    return leftover.isConflictAboutShared()
        && (leftover.entry().resource() == null
            || targets.exists(leftover.entry().url()).orElse(false));
  }

  /** Whether something was sent without a reference whose target the server does not have. */
  boolean hasCut() {
    return cut;
  }

  /** How many references were lost. */
  long cutReferences() {
    return cutReferences;
  }

  /** How many of its resources the payer says to be parts. */
  long subsetted() {
    return subsetted;
  }

  /** Adds a change that is none to be sent. */
  void leave(Leftover leftover) {
    leftovers.add(leftover);
  }

  /** Leaves what was made with a reference to one of these, to be written again without it. */
  void repeat(Predicate<String> missing) {
    made.values().stream()
        .filter(entry -> !wholes.containsKey(entry.url()))
        .filter(
            entry ->
                entry.links().stream()
                    .anyMatch(link -> link.leads() && missing.test(link.target())))
        .forEach(entry -> leave(new Leftover(entry, MADE, null)));
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

  /** Whether the last Bundle was one of changes that stood alone. */
  boolean isLastResort() {
    return asked == null && !sent.transaction();
  }

  private boolean isTransaction() {
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
    if (!answer.path("resourceType").asText().equals("Bundle")
        || REQUESTS.contains(answer.path("type").asText())
        || entries.size() != expected) {
      throw new TransferException(
          FailureReason.BAD_ANSWER, "the FHIR server's answer is no Bundle of one entry for each");
    }
    for (int i = 0; i < expected; i++) {
      JsonNode response = entries.get(i).path("response");
      if (asked == null) {
        judge(sent.entries().get(i), status(response), response.get("outcome"));
      } else {
        learn(asked.get(i), !NOT_THERE.contains(status(response)));
      }
    }
    goOn();
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
    Leftover leftover = new Leftover(whole(entry), status, outcome);
    if (entry.isDoneBy(status)) {
      made.put(entry.url(), entry);
      targets.learn(entry.url(), entry.resource() != null);
      if (wholes.containsKey(entry.url())) {
        leftovers.add(leftover);
      }
    } else if (!sent.again() && MAY_LACK_TARGETS.contains(status)) {
      doubtful.add(new Leftover(entry, status, outcome));
    } else {
      leftovers.add(leftover);
    }
  }

  /** Has the server asked for what the refused changes may lack, and deals with its answers. */
  private void goOn() {
    if (asked == null) {
      ask(
          doubtful.stream()
              .flatMap(this::needed)
              .distinct()
              .filter(url -> targets.exists(url).isEmpty())
              .toList());
    }
    if (questions.isEmpty() && !doubtful.isEmpty()) {
      reconsider();
    }
  }

  private Stream<String> needed(Leftover doubt) {
    return Stream.concat(
        sent.outward(doubt.entry()).map(FhirEntry.Link::target),
        doubt.isConflictAboutShared() ? Stream.of(doubt.entry().url()) : Stream.empty());
  }

  private void reconsider() {
    Map<Boolean, List<Leftover>> hopeful =
        doubtful.stream()
            .collect(partitioningBy(doubt -> shorten(doubt.entry()) || isMadeGood(doubt.entry())));
    doubtful.clear();
    List<FhirEntry> again = hopeful.get(true).stream().map(Leftover::entry).toList();
    if (sent.transaction()) {
      pieces.addFirst(new Piece(sent.entries(), !again.isEmpty(), !again.isEmpty()));
    } else {
      hopeful.get(false).stream()
          .map(doubt -> new Leftover(whole(doubt.entry()), doubt.status(), doubt.outcome()))
          .forEach(leftovers::add);
      if (!again.isEmpty()) {
        pieces.addFirst(new Piece(again, false, true));
      }
    }
  }

  /** Whether it refers to what came behind it in a batch, and is there by now. */
  private boolean isMadeGood(FhirEntry entry) {
    return sent.outward(entry).anyMatch(link -> made.containsKey(link.target()));
  }

  private FhirEntry whole(FhirEntry entry) {
    return wholes.getOrDefault(entry.url(), entry);
  }

  /**
   * Cuts the references to what is not there yet.
   *
   * @return whether there were some
   */
  private boolean shorten(FhirEntry entry) {
    List<FhirEntry.Link> early =
        sent.outward(entry).filter(link -> !targets.exists(link.target()).orElse(true)).toList();
    if (!early.isEmpty()) {
      wholes.computeIfAbsent(entry.url(), url -> Leftover.waiting(entry).copy().entry());
      early.forEach(FhirEntry.Link::cut);
    }
    return !early.isEmpty();
  }

  private void learn(String target, boolean exists) {
    targets.learn(target, exists);
    settle(target, exists);
  }

  private void settle(String target, boolean exists) {
    if (!exists) {
      List<FhirEntry.Link> links = uncertain.getOrDefault(target, List.of());
      cutReferences += links.stream().filter(FhirEntry.Link::cut).count();
      cut |= !links.isEmpty();
    }
  }

  /**
   * Goes on where the answer to the last Bundle is too large to be read: what was asked is asked in
   * halves, and a target whose answer alone is too large is there.
   *
   * @return whether it was a question, which changes nothing at the server
   */
  boolean isAskedInHalves() {
    if (asked == null) {
      return false;
    }
    if (asked.size() == 1) {
      learn(asked.get(0), true);
    } else {
      int half = asked.size() / 2;
      questions.addFirst(asked.subList(half, asked.size()));
      questions.addFirst(asked.subList(0, half));
    }
    goOn();
    return true;
  }

  /**
   * Goes on after the last Bundle was refused as a whole for what is in it.
   *
   * @param outcome the OperationOutcome, or null
   */
  void refused(int status, JsonNode outcome) {
    if (asked != null) {
      asked.forEach(target -> learn(target, true));
      goOn();
      return;
    }
    List<FhirEntry> entries = sent.entries();
    if (sent.transaction()) {
      if (sent.again() || !MAY_LACK_TARGETS.contains(status) || status == 404) {
        pieces.addFirst(new Piece(entries, false));
      } else {
        entries.forEach(entry -> doubtful.add(new Leftover(entry, status, outcome)));
      }
    } else if (entries.size() == 1) {
      judge(entries.get(0), status, outcome);
    } else {
      int half = entries.size() / 2;
      pieces.addFirst(new Piece(entries.subList(half, entries.size()), false, sent.again()));
      pieces.addFirst(new Piece(entries.subList(0, half), false, sent.again()));
    }
    goOn();
  }
}
