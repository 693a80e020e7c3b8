package org.payerexchange.retrieve;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.dialect.PageSource;
import org.payerexchange.dialect.PathSegment;
import org.payerexchange.files.FileHash;
import org.payerexchange.payer.CallLimits;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.PayerUrls;
import org.payerexchange.split.OwnLines;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * One retrieval while a step is at work on it: where it is, which resources it has, and which it is
 * to read by reference yet. Of a resource its type and id are in memory. Not thread-safe.
 */
final class Retrieval {
  /** What a call leaves in memory is gone with its step. */
  private static final int PAGES_A_STEP = 200;

  private static final int LONGEST_URL = 4000;

  private final PageFile file;
  private final List<PageSource> sources;
  private final OwnLines own;
  private final int maxResources;
  private final Payer payer;
  private final Set<String> known = new HashSet<>();
  private final Set<String> asked = new HashSet<>();
  private final Deque<String> toRead = new ArrayDeque<>();
  private Checkpoint at;
  private int steps;
  private boolean left;

  Retrieval(
      PageFile file,
      List<PageSource> sources,
      Checkpoint at,
      Payer payer,
      String patientId,
      int maxResources)
      throws IOException {
    this.file = file;
    this.sources = List.copyOf(sources);
    this.at = at;
    asked.addAll(at.missing().unread());
    this.own = new OwnLines(payer, patientId::equals);
    this.maxResources = maxResources;
    this.payer = payer;
    try (NdjsonLines lines = new NdjsonLines(Files.newInputStream(file.path()))) {
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        note(PageJson.parse(line), line);
      }
    }
    settle();
  }

  /** Moves on past sources whose paths have all been read. */
  private void settle() {
    while (!readsReferences() && at.place().path() >= paths().size()) {
      at = at.nextSource();
    }
    if (at.missing().hasMostUnread()) {
      toRead.clear();
    }
    while (readsReferences() && !toRead.isEmpty() && known.contains(toRead.peek())) {
      toRead.remove();
    }
  }

  private List<String> paths() {
    return source().alternatives().get(at.place().alternative());
  }

  /** Whether the payer has not been read anything of yet. */
  boolean isAtStart() {
    return at.pages() == 0 && at.place().equals(Place.FIRST);
  }

  /** It goes on in another way, and anew. */
  void leave() {
    left = true;
  }

  boolean isLeft() {
    return left;
  }

  boolean goesOn() {
    return !readsReferences() || !toRead.isEmpty();
  }

  /** Whether all sources are read, and what follows is read by reference. */
  boolean readsReferences() {
    return at.place().source() >= sources.size();
  }

  PageSource source() {
    return sources.get(at.place().source());
  }

  /** Whether what is read next need not be had. */
  boolean isOptional() {
    return readsReferences() || !source().required();
  }

  /** Whether the source can be read in another way, of which nothing was read. */
  boolean hasAlternative() {
    return at.place().next() == null
        && at.place().path() == 0
        && at.place().alternative() + 1 < source().alternatives().size();
  }

  /**
   * The URL that is read now. The links of older checkpoints are as the payer wrote them.
   *
   * @throws TransferException as {@link PayerUrls#resolve(org.payerexchange.payer.Peer, String)}
   */
  URI url() {
    URI first = URI.create(payer.baseUrl() + path());
    String next = at.place().next();
    return next == null ? first : PayerUrls.resolve(payer, first, next);
  }

  /**
   * The URL of the page behind the one that is read now.
   *
   * @param link as the page has it
   * @throws TransferException as {@link #url}, and {@link FailureReason#BAD_ANSWER} if the page
   *     names itself, or a URL that is too long to be kept
   */
  String following(String link) {
    URI here = url();
    String next = PayerUrls.resolve(payer, here, link).toString();
    if (next.equals(here.toString())) {
      throw new TransferException(FailureReason.BAD_ANSWER, "a page names itself as the next one");
    }
    if (next.length() > LONGEST_URL) {
      throw new TransferException(
          FailureReason.BAD_ANSWER,
          "the next page has a URL of more than %s characters".formatted(LONGEST_URL));
    }
    return next;
  }

  /** The path that is read, or that of what is read by reference. */
  private String path() {
    if (!readsReferences()) {
      return paths().get(at.place().path());
    }
    String[] named = toRead.element().split("/", 2);
    return "/%s/%s".formatted(named[0], PathSegment.encoded(named[1]));
  }

  Checkpoint at() {
    return at;
  }

  /**
   * Whether this step may ask once more. A lease is one call where calls are counted; and no call
   * begins when the payer's hours are over, or it does not bear one.
   */
  boolean mayAsk(Instant now, Predicate<String> bearsCalls) {
    CallLimits limits = payer.limits();
    return steps == 0
        || (steps < PAGES_A_STEP
            && !limits.areCounted()
            && limits.window().filter(window -> !window.isOpen(now)).isEmpty()
            && bearsCalls.test(payer.id()));
  }

  void go(Checkpoint on) {
    steps++;
    at = on;
    settle();
  }

  /** What is read by reference, as {@code Practitioner/1}, and not any more from now on. */
  String takeReference() {
    return toRead.remove();
  }

  PageFile file() {
    return file;
  }

  boolean isAnothers(JsonNode resource) {
    return own.isAnothers(resource);
  }

  /**
   * Notes a resource.
   *
   * @return whether it is the first of its type and id
   * @throws TransferException {@link FailureReason#TOO_LARGE} if there are too many
   */
  boolean note(JsonNode resource, byte[] line) {
    String id = resource.path("id").asText();
    String name = resource.path("resourceType").asText() + "/" + id;
    if (!known.add(
        id.isEmpty() ? FileHash.sha256(new String(line, StandardCharsets.UTF_8)) : name)) {
      return false;
    }
    bound(known);
    own.eachToBeRead(
        resource,
        reference -> {
          if (asked.add(reference)) {
            bound(asked);
            toRead.add(reference);
          }
        });
    return true;
  }

  private void bound(Set<String> names) {
    if (names.size() > maxResources) {
      throw new TransferException(
          FailureReason.TOO_LARGE,
          "the payer has more than %s resources of the member (p2p.retrieve.max-resources)"
              .formatted(maxResources));
    }
  }

  /** Neither ids nor URLs. */
  @Override
  public String toString() {
    return "Retrieval[%s]".formatted(at);
  }
}
