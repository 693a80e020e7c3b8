package org.payerexchange.retrieve;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.dialect.PageSource;
import org.payerexchange.dialect.PathSegment;
import org.payerexchange.files.FileHash;
import org.payerexchange.payer.Payer;
import org.payerexchange.split.OwnLines;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * One retrieval while a step is at work on it: where it is, which resources it has, and which it is
 * to read by reference yet. Of a resource its type and id are in memory. Not thread-safe.
 */
final class Retrieval {
  /** Where so many are not to be had, no others are asked for. */
  static final int MOST_UNREAD = 1000;

  private final PageFile file;
  private final List<PageSource> sources;
  private final OwnLines own;
  private final int maxResources;
  private final Set<String> known = new HashSet<>();
  private final Set<String> asked = new HashSet<>();
  private final Deque<String> toRead = new ArrayDeque<>();
  private Checkpoint at;
  private int steps;

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
    asked.addAll(at.unread());
    this.own = new OwnLines(payer, patientId::equals);
    this.maxResources = maxResources;
    try (NdjsonLines lines = new NdjsonLines(Files.newInputStream(file.path()))) {
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        note(PageJson.parse(line), line);
      }
    }
    settle();
  }

  /** Moves on past sources whose paths have all been read. */
  private void settle() {
    while (at.source() < sources.size()
        && at.path() >= source().alternatives().get(at.alternative()).size()) {
      at = at.nextSource();
    }
    if (at.unread().size() >= MOST_UNREAD) {
      toRead.clear();
    }
    while (!toRead.isEmpty() && at.source() >= sources.size() && known.contains(toRead.peek())) {
      toRead.remove();
    }
  }

  boolean goesOn() {
    return at.source() < sources.size() || !toRead.isEmpty();
  }

  /** Whether all sources are read, and what follows is read by reference. */
  boolean readsReferences() {
    return at.source() >= sources.size();
  }

  PageSource source() {
    return sources.get(at.source());
  }

  /** What is read next by reference, as {@code Practitioner/1}. */
  String reference() {
    return toRead.element();
  }

  /** Where that is read. */
  String referencePath() {
    String[] named = reference().split("/", 2);
    return "/%s/%s".formatted(named[0], PathSegment.encoded(named[1]));
  }

  /** The path of the source that is read. */
  String path() {
    return source().alternatives().get(at.alternative()).get(at.path());
  }

  Checkpoint at() {
    return at;
  }

  /** How many answers were taken in this step. */
  int steps() {
    return steps;
  }

  void go(Checkpoint on) {
    steps++;
    at = on;
    settle();
  }

  /** The same, which is not to be read any more. */
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
          "the payer has more than %d resources of the member (p2p.retrieve.max-resources)"
              .formatted(maxResources));
    }
  }

  /** Neither ids nor URLs. */
  @Override
  public String toString() {
    return "Retrieval[%s]".formatted(at);
  }
}
