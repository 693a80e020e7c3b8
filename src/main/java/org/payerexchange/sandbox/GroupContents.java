package org.payerexchange.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the export of a Group holds, and whose each line is. */
final class GroupContents {
  private static final Pattern REFERENCE = Pattern.compile("\"reference\":\"([^\"]+)\"");

  private final GroupHistory history;
  private final ExportParameters asked;
  private final int[] members;
  private final List<KnownLine> known;

  /**
   * @param members the numbers of the Patients that have data, each once
   * @param group the line of the Group itself
   */
  GroupContents(GroupHistory history, ExportParameters asked, int[] members, String group) {
    this.history = history;
    this.asked = asked;
    this.members = members;
    this.known =
        Stream.of(
                SharedLines.all(),
                OddLines.of(members),
                List.of(KnownLine.ofNobody("Group", group)))
            .flatMap(List::stream)
            .filter(line -> isAsked(line.type(), 0))
            .toList();
  }

  /**
   * The files, by type.
   *
   * @param perType how many there are of each type that members have
   */
  List<Content> files(int perType) {
    Set<String> types = new TreeSet<>(history.patterns().keySet());
    known.forEach(line -> types.add(line.type()));
    List<Content> files = new ArrayList<>();
    for (String type : types) {
      int[] ranks = ranks(type);
      long lines = (long) members.length * ranks.length;
      for (int file = 0; file < perType; file++) {
        long first = lines * file / perType;
        long last = lines * (file + 1) / perType;
        long middle = file == 0 ? (first + last) / 2 : last;
        List<Content> parts = new ArrayList<>();
        add(parts, type, ranks, first, middle);
        if (file == 0) {
          addKnown(parts, type);
        }
        add(parts, type, ranks, middle, last);
        if (!parts.isEmpty()) {
          files.add(parts.size() == 1 ? parts.get(0) : new JoinedContent(parts));
        }
      }
    }
    return List.copyOf(files);
  }

  /** The lines by Patient, shared ones in each block that refers to them; what is left is last. */
  Map<String, List<String>> blocks() {
    Map<String, List<String>> blocks = new LinkedHashMap<>();
    for (int patient : members) {
      blocks.put(
          "Patient/" + PdexMember.patientId(patient),
          Stream.concat(own(patient), shared(patient).stream()).toList());
    }
    blocks.put("Group/members", nobodys().toList());
    return blocks;
  }

  /** The lines that are this Patient's alone. */
  Stream<String> own(int patient) {
    if (IntStream.of(members).noneMatch(member -> member == patient)) {
      return Stream.of();
    }
    return Stream.concat(
        history.patterns().entrySet().stream()
            .flatMap(
                pattern ->
                    IntStream.of(ranks(pattern.getKey()))
                        .mapToObj(rank -> pattern.getValue().line(patient, rank))),
        known.stream()
            .filter(line -> line.owner().equals(OptionalInt.of(patient)))
            .map(KnownLine::json));
  }

  /** The shared lines that this Patient's refer to, also through each other. */
  Set<String> shared(int patient) {
    Map<String, KnownLine> shared =
        known.stream()
            .filter(KnownLine::shared)
            .collect(Collectors.toMap(KnownLine::reference, Function.identity()));
    Set<String> found = new LinkedHashSet<>();
    Deque<String> open = new ArrayDeque<>(own(patient).toList());
    while (!open.isEmpty()) {
      REFERENCE
          .matcher(open.remove())
          .results()
          .map((MatchResult match) -> match.group(1))
          .filter(shared::containsKey)
          .map(reference -> shared.get(reference).json())
          .filter(found::add)
          .forEach(open::add);
    }
    return found;
  }

  /** The lines that are nobody's among these members, and are not shared. */
  Stream<String> nobodys() {
    return known.stream()
        .filter(line -> !line.shared() && line.owner().isEmpty())
        .map(KnownLine::json);
  }

  private void add(List<Content> parts, String type, int[] ranks, long first, long last) {
    if (first < last) {
      parts.add(
          new GroupLines(type, history.patterns().get(type), members, ranks, first, last - first));
    }
  }

  private void addKnown(List<Content> parts, String type) {
    String lines =
        known.stream()
            .filter(line -> line.type().equals(type))
            .map(line -> line.json() + "\n")
            .collect(Collectors.joining());
    if (!lines.isEmpty()) {
      parts.add(
          new StoredContent(
              type, lines.chars().filter(letter -> letter == '\n').count(), lines.getBytes(UTF_8)));
    }
  }

  private int[] ranks(String type) {
    return history.patterns().containsKey(type)
        ? history.ranks(type).filter(rank -> isAsked(type, rank)).toArray()
        : new int[0];
  }

  private boolean isAsked(String type, int rank) {
    return asked.takes(type, LinePattern.updated(rank), LinePattern.served(rank));
  }
}
