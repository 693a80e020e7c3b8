package org.payerexchange.ledger;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import org.payerexchange.payer.PayerUrls;

/**
 * The files of an earlier manifest, among which those of a later one are found again: under the
 * same URL, apart from its signature, where it is the same export, else by the order among those of
 * their kind and type.
 */
public final class KnownFiles {
  private final Map<Type, Queue<Known>> inOrder = new HashMap<>();
  private final Map<Type, Integer> lastPlaces = new HashMap<>();
  private final Map<Address, Known> byUrl = new HashMap<>();
  private final Set<Known> left = new LinkedHashSet<>();

  /** A file as the ledger has it. */
  public record Known(
      long id,
      Type type,
      int place,
      int number,
      int export,
      FileState state,
      String url,
      int warnings) {

    /** Whether its resources are of all types. */
    boolean holdsAllTypes() {
      return type.kind().holdsAllTypes(type.resourceType());
    }

    /** Leaves the URL out: a signed URL is a secret. */
    @Override
    public String toString() {
      return "Known[file %s]".formatted(id);
    }
  }

  /** What the places of a manifest are counted among. */
  public record Type(FileKind kind, String resourceType) {
    static Type of(NewFile file) {
      return new Type(file.kind(), file.resourceType());
    }
  }

  /** Each manifest signs the URL of a file anew. */
  private record Address(Type type, String url) {
    Address {
      url = PayerUrls.unsigned(url);
    }
  }

  /**
   * Starts with none found.
   *
   * @param known in the order of their places
   * @param export the number of the later manifest's export
   */
  KnownFiles(Collection<Known> known, int export) {
    for (Known file : known) {
      left.add(file);
      inOrder.computeIfAbsent(file.type(), type -> new ArrayDeque<>()).add(file);
      lastPlaces.put(file.type(), file.place());
      if (file.export() == export) {
        byUrl.putIfAbsent(new Address(file.type(), file.url()), file);
      }
    }
  }

  /** Finds each of a manifest's files; empty for one that is new. */
  List<Optional<Known>> find(List<NewFile> files) {
    List<Optional<Known>> found = new ArrayList<>();
    for (NewFile file : files) {
      found.add(
          Optional.ofNullable(byUrl.get(new Address(Type.of(file), file.url())))
              .filter(left::remove));
    }
    for (int i = 0; i < found.size(); i++) {
      if (found.get(i).isEmpty()) {
        found.set(i, nextInOrder(Type.of(files.get(i))));
      }
    }
    return found;
  }

  private Optional<Known> nextInOrder(Type type) {
    Queue<Known> waiting = inOrder.getOrDefault(type, new ArrayDeque<>());
    for (Known next = waiting.poll(); next != null; next = waiting.poll()) {
      if (left.remove(next)) {
        return Optional.of(next);
      }
    }
    return Optional.empty();
  }

  /** Gives a new file its place behind those of its kind and type. */
  int addPlace(NewFile file) {
    return lastPlaces.merge(Type.of(file), 1, Integer::sum);
  }

  /** Those that were not found. */
  Collection<Known> left() {
    return List.copyOf(left);
  }
}
