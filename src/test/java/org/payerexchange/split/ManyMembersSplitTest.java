package org.payerexchange.split;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.split.SplitCase.Outcome;

/** All rules together: many members whose files mix them line by line, made from a seed. */
class ManyMembersSplitTest {
  private static final List<String> OWNED =
      List.of("Condition", "Coverage", "ExplanationOfBenefit", "Immunization", "Observation");
  private static final List<String> SHAREABLE =
      List.of("Location", "Medication", "Organization", "Practitioner", "PractitionerRole");
  private static final List<String> CONDITIONAL = List.of("Binary", "Device", "Provenance");

  @TempDir Path folder;

  /** What the payer has: each resource, whom it is about, and what it refers to. */
  private static final class Payer {
    private final Random random;
    private final List<String> members;
    private final Map<String, Set<String>> links = new TreeMap<>();
    private final Map<String, String> owners = new HashMap<>();
    private final Map<String, Set<String>> targets = new HashMap<>();
    private final List<String> lines = new ArrayList<>();

    Payer(long seed, int members, int strangers, int each) {
      random = new Random(seed);
      this.members = IntStream.range(0, members).mapToObj(i -> "m" + i).toList();
      List<String> people = new ArrayList<>(this.members);
      IntStream.range(0, strangers).forEach(i -> people.add("s" + i));
      List<String> shareable = new ArrayList<>();
      for (String type : SHAREABLE) {
        IntStream.range(0, members / 2).forEach(i -> shareable.add(type + "/" + i));
      }
      List<String> conditional = new ArrayList<>();
      for (String type : CONDITIONAL) {
        IntStream.range(0, members).forEach(i -> conditional.add(type + "/" + i));
      }
      for (String name : shareable) {
        add(name, null, some(shareable, 2), random.nextInt(50) == 0 ? some(people, 1) : Set.of());
      }
      List<String> owned = new ArrayList<>();
      for (String person : people) {
        own("Patient/" + person, person, Set.of());
        for (int i = 0; i < each; i++) {
          String name = OWNED.get(random.nextInt(OWNED.size())) + "/" + owned.size();
          owned.add(name);
          Set<String> links = some(shareable, 3);
          links.addAll(random.nextInt(3) == 0 ? some(conditional, 1) : Set.of());
          links.addAll(random.nextInt(4) == 0 ? some(owned, 1) : Set.of());
          own(name, random.nextInt(40) == 0 ? null : person, links);
        }
      }
      for (String name : conditional) {
        Set<String> links = some(shareable, 1);
        links.addAll(random.nextInt(8) == 0 ? some(conditional, 1) : Set.of());
        Set<String> aims = new HashSet<>();
        if (name.startsWith("Provenance/")) {
          aims.addAll(some(owned, 2));
          aims.addAll(random.nextInt(6) == 0 ? some(conditional, 1) : Set.of());
          aims.addAll(random.nextInt(6) == 0 ? some(shareable, 1) : Set.of());
          aims.addAll(random.nextInt(20) == 0 ? Set.of("Observation/gone") : Set.of());
        }
        targets.put(name, aims);
        add(name, null, links, random.nextInt(3) == 0 ? some(people, 1) : Set.of());
      }
      IntStream.range(0, 7).forEach(i -> add("List/" + i, null, some(conditional, 1), Set.of()));
      Collections.shuffle(lines, random);
    }

    private Set<String> some(List<String> of, int most) {
      Set<String> some = new HashSet<>();
      for (int i = random.nextInt(most + 1); i > 0 && !of.isEmpty(); i--) {
        some.add(of.get(random.nextInt(of.size())));
      }
      return some;
    }

    private void own(String name, String owner, Set<String> refersTo) {
      if (owner != null) {
        owners.put(name, owner);
      }
      add(name, owner, refersTo, some(members, 1));
    }

    private void add(String name, String owner, Set<String> refersTo, Set<String> people) {
      Set<String> all = new TreeSet<>(refersTo);
      people.forEach(person -> all.add("Patient/" + person));
      all.addAll(targets.getOrDefault(name, Set.of()));
      links.put(name, all);
      String type = type(name);
      StringBuilder line =
          new StringBuilder(
              "{\"resourceType\":\"%s\",\"id\":\"%s\""
                  .formatted(type, name.substring(type.length() + 1)));
      Ownership ownership = Ownership.of(type);
      if (ownership.rule() == Ownership.Rule.OWNED && owner != null) {
        line.append(",\"%s\":%s".formatted(ownership.element(), reference("Patient/" + owner)));
      }
      List<String> aims = new ArrayList<>(targets.getOrDefault(name, Set.of()));
      if (!aims.isEmpty()) {
        line.append(
            aims.stream()
                .map(this::reference)
                .collect(Collectors.joining(",", ",\"target\":[", "]")));
      }
      List<String> others = new ArrayList<>(refersTo);
      people.forEach(person -> others.add("Patient/" + person));
      line.append(
          others.stream().map(this::link).collect(Collectors.joining(",", ",\"x\":[", "]}")));
      lines.add(line.toString());
    }

    private String link(String name) {
      return name.startsWith("Binary/")
          ? "{\"attachment\":{\"url\":\"%s\"}}".formatted(form(name))
          : reference(name);
    }

    private String reference(String name) {
      return "{\"display\":\"somebody\",\"reference\":\"%s\"}".formatted(form(name));
    }

    private String form(String name) {
      return switch (random.nextInt(6)) {
        case 0 -> "https://payer.example/fhir/r4/" + name;
        case 1 -> name + "/_history/" + random.nextInt(9);
        default -> name;
      };
    }

    static String type(String name) {
      return name.substring(0, name.indexOf('/'));
    }

    SplitCase export(Path folder) throws IOException {
      SplitCase export = new SplitCase(folder, members.toArray(String[]::new));
      for (int i = 0; i < lines.size(); i++) {
        if (i == lines.size() / 2) {
          export.otherFiles();
        }
        export.line(
            lines.get(i).replaceAll("\\{\"resourceType\":\"(\\w+)\".*", "$1"), lines.get(i));
      }
      return export;
    }
  }

  /** What is right, worked out with sets in memory. */
  private static final class Expected {
    private static final String NOBODY = "nobody";

    private final Payer payer;
    private final Map<String, Set<String>> parties = new HashMap<>();
    private final Map<String, Set<String>> folders = new TreeMap<>();

    Expected(Payer payer) {
      this.payer = payer;
      boolean news = true;
      while (news) {
        news = payer.links.keySet().stream().filter(this::learn).count() > 0;
      }
      for (String member : payer.members) {
        folders.put(member, reach(member));
      }
    }

    private static boolean is(Ownership.Rule rule, String name) {
      return Ownership.of(Payer.type(name)).rule() == rule;
    }

    private static boolean isConditional(String name) {
      return is(Ownership.Rule.CONDITIONAL, name);
    }

    /** Whose a resource is, as far as that is known; nobody's if that is for sure. */
    private Set<String> whose(String name) {
      if (isConditional(name)) {
        return parties.getOrDefault(name, Set.of());
      }
      return Set.of(payer.owners.getOrDefault(name, NOBODY));
    }

    private boolean learn(String name) {
      boolean news = false;
      for (String link : payer.links.get(name)) {
        if (isConditional(link)) {
          news |= add(link, whose(name));
        }
        if (isConditional(name) && link.startsWith("Patient/")) {
          news |= add(name, Set.of(link.substring("Patient/".length())));
        }
      }
      for (String aim : payer.targets.getOrDefault(name, Set.of())) {
        if (!is(Ownership.Rule.SHAREABLE, aim)) {
          news |= add(name, whose(aim));
        }
      }
      return news;
    }

    private boolean add(String name, Set<String> more) {
      return parties.computeIfAbsent(name, any -> new HashSet<>()).addAll(more);
    }

    private Set<String> reach(String member) {
      Set<String> reached = new TreeSet<>();
      List<String> open = new ArrayList<>();
      for (String name : payer.links.keySet()) {
        if (!is(Ownership.Rule.SHAREABLE, name) && whose(name).equals(Set.of(member))) {
          open.add(name);
        }
      }
      while (!open.isEmpty()) {
        String name = open.remove(open.size() - 1);
        if (reached.add(name)) {
          payer.links.get(name).stream().filter(this::isShared).forEach(open::add);
        }
      }
      return reached;
    }

    private boolean isShared(String name) {
      return is(Ownership.Rule.SHAREABLE, name)
          && payer.links.get(name).stream().noneMatch(link -> link.startsWith("Patient/"));
    }

    /** How many lines of each type nobody gets. */
    Map<String, Long> nobodys() {
      Set<String> somebodys = new HashSet<>();
      folders.values().forEach(somebodys::addAll);
      return payer.links.keySet().stream()
          .filter(name -> !somebodys.contains(name))
          .collect(Collectors.groupingBy(Payer::type, TreeMap::new, Collectors.counting()));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void eachOf200MembersGetsAllThatIsTheirsAndNothingElse(long seed) throws IOException {
    Payer payer = new Payer(seed, 200, 10, 12);
    Expected expected = new Expected(payer);
    SplitCase export = payer.export(folder);
    export.gathered = 20_000;

    Outcome split = export.split();

    for (String member : payer.members) {
      assertThat(split.of(member))
          .as(member)
          .doesNotHaveDuplicates()
          .hasSameElementsAs(expected.folders.get(member));
    }
    Map<String, Long> nobodys = new TreeMap<>();
    split.nobodys().forEach(each -> nobodys.merge(each.resourceType(), each.lines(), Long::sum));
    assertThat(nobodys).isEqualTo(expected.nobodys());
    assertThat(split.nobodys())
        .extracting(NobodysLines::reason)
        .contains(NobodysLines.Reason.NOT_ONE_MEMBERS, NobodysLines.Reason.STRANGER);
    Set<String> given = new TreeSet<>();
    split.folders().values().forEach(types -> given.addAll(types.keySet()));
    assertThat(given).containsAll(OWNED).containsAll(SHAREABLE).containsAll(CONDITIONAL);
    assertEachLineIsItsOwners(split);
  }

  /** By the lines alone. */
  private static void assertEachLineIsItsOwners(Outcome split) {
    split
        .folders()
        .forEach(
            (member, types) ->
                types.forEach(
                    (type, lines) -> {
                      Ownership ownership = Ownership.of(type);
                      assertThat(ownership.rule()).isNotEqualTo(Ownership.Rule.NOBODYS);
                      if (ownership.rule() == Ownership.Rule.OWNED) {
                        assertThat(lines)
                            .allMatch(
                                line ->
                                    line.matches(
                                        ".*\"%s\":\\{\"display\":\"somebody\",\"reference\":\"[^\"]*\\bPatient/%s(/_history/\\d)?\"\\}.*"
                                            .formatted(ownership.element(), member)));
                      }
                    }));
  }

  @Test
  void endedAtAnyWriteItIsBegunAnewAndMakesTheSameBytes() throws IOException {
    SplitCase export = new Payer(7, 4, 1, 5).export(folder);
    export.gathered = 2_000;
    Map<String, String> whole = new LinkedHashMap<>();
    int[] beats = new int[1];
    export.beat = () -> beats[0]++;
    run(export, whole);
    int all = beats[0];
    assertThat(all).isGreaterThan(60);
    assertThat(whole).hasSizeGreaterThan(15);

    for (int last = 0; last < all; last++) {
      beats[0] = last;
      export.beat =
          () -> {
            if (beats[0]-- == 0) {
              throw new Killed();
            }
          };
      kill(export);
      export.beat = () -> {};
      Map<String, String> again = new LinkedHashMap<>();
      run(export, again);
      assertThat(again).as("ended at write %d of %d", last, all).isEqualTo(whole);
    }
  }

  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static void run(SplitCase export, Map<String, String> hashes) throws IOException {
    try (MemberSplit split = export.begin()) {
      take(export, split, hashes);
    }
  }

  private static void take(SplitCase export, MemberSplit split, Map<String, String> hashes)
      throws IOException {
    split.read(export.sources());
    for (SplitMember member : export.members()) {
      for (MemberFile file : split.files(member).orElseThrow()) {
        String name = member.transferId() + "/" + file.path().getFileName();
        hashes.put(name, "%d %s".formatted(file.lines(), file.sha256()));
      }
    }
    hashes.put("nobodys", split.nobodys().toString());
  }

  /** Leaves the folder as it is, with its files closed. */
  private static void kill(SplitCase export) throws IOException {
    Path aside = export.work().resolveSibling("aside");
    MemberSplit split = export.begin();
    try {
      take(export, split, new HashMap<>());
      throw new AssertionError("it was not ended");
    } catch (Killed expected) {
      Files.move(export.work(), aside);
    }
    try {
      split.close();
    } catch (Killed again) {
      assertThat(aside).exists();
    }
    Files.move(aside, export.work());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void atMostTenOfItsFilesAreOpenHoweverManyMembersThereAre() throws IOException {
    SplitCase export = new Payer(8, 300, 5, 3).export(folder);
    export.gathered = 20_000;
    long[] most = new long[1];
    int[] beats = new int[1];
    export.beat =
        () -> {
          if (beats[0]++ % 7 == 0) {
            most[0] = Math.max(most[0], open(folder));
          }
        };

    assertThat(export.split().folders()).hasSize(300);

    assertThat(beats[0]).isGreaterThan(1_000);
    assertThat(most[0]).isBetween(1L, 10L);
  }

  private static long open(Path folder) {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.filter(file -> isBelow(folder, file)).count();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static boolean isBelow(Path folder, Path file) {
    try {
      return Files.readSymbolicLink(file).startsWith(folder.toRealPath());
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }
}
