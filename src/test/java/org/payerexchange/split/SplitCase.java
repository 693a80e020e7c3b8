package org.payerexchange.split;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.payerexchange.files.FileHash;

/** Output files of a shared export, and what a split makes of them. */
final class SplitCase {
  private final Path folder;
  private final List<SplitMember> members = new ArrayList<>();
  private final Map<String, Path> sources = new LinkedHashMap<>();
  private final List<SplitSource> files = new ArrayList<>();

  Predicate<SplitMember> wanted = member -> true;
  Runnable beat = () -> {};
  int gathered = 1 << 20;

  /** Members {@code a}, {@code b} … by their Patient ids. */
  SplitCase(Path folder, String... patientIds) {
    this.folder = folder;
    for (String id : patientIds) {
      members.add(new SplitMember(transfer(id), id));
    }
  }

  /** The transfer of a member. */
  static String transfer(String patientId) {
    return "transfer-" + patientId;
  }

  Path work() {
    return folder.resolve("work");
  }

  /** Adds a resource with references: {@code "Observation/1", "subject", "Patient/a"}. */
  SplitCase has(String name, String... references) throws IOException {
    String type = name.substring(0, name.indexOf('/'));
    StringBuilder line =
        new StringBuilder(
            "{\"resourceType\":\"%s\",\"id\":\"%s\""
                .formatted(type, name.substring(name.indexOf('/') + 1)));
    for (int i = 0; i < references.length; i += 2) {
      line.append(",\"%s\":{\"reference\":\"%s\"}".formatted(references[i], references[i + 1]));
    }
    return line(type, line.append('}').toString());
  }

  /** Adds a line as it stands. */
  SplitCase line(String type, String line) throws IOException {
    return text(type, line + "\n");
  }

  /** Adds to a file as it stands. */
  SplitCase text(String type, String text) throws IOException {
    Path file = sources.get(type);
    if (file == null) {
      file = folder.resolve("source-" + files.size());
      sources.put(type, file);
      files.add(new SplitSource(type, file));
    }
    Files.writeString(file, text, UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    return this;
  }

  /** Goes on in another file of each type. */
  SplitCase otherFiles() {
    sources.clear();
    return this;
  }

  MemberSplit begin() throws IOException {
    return new MemberSplit(work(), LinksTest.PAYER, members, wanted, beat, gathered);
  }

  /**
   * What came of it.
   *
   * @param folders lines by member and type; a member who is out has no folder
   */
  record Outcome(Map<String, Map<String, List<String>>> folders, List<NobodysLines> nobodys) {

    /** The names of all that a member gets, sorted by type. */
    List<String> of(String patientId) {
      return folders.get(patientId).values().stream()
          .flatMap(List::stream)
          .map(Outcome::name)
          .toList();
    }

    private static String name(String line) {
      return line.replaceAll(".*?\"resourceType\":\"(\\w+)\",\"id\":\"([^\"]*)\".*", "$1/$2");
    }

    /** What nobody gets: {@code Observation STRANGER 1}. */
    List<String> ofNobody() {
      return nobodys.stream()
          .map(each -> each.resourceType() + " " + each.reason() + " " + each.lines())
          .toList();
    }
  }

  Outcome split() throws IOException {
    Map<String, Map<String, List<String>>> folders = new TreeMap<>();
    try (MemberSplit split = begin()) {
      split.read(files);
      for (SplitMember member : members) {
        Optional<List<MemberFile>> files = split.files(member);
        if (files.isPresent()) {
          folders.put(member.patientId(), lines(files.get()));
        }
      }
      return new Outcome(folders, split.nobodys());
    }
  }

  List<SplitSource> sources() {
    return files;
  }

  List<SplitMember> members() {
    return members;
  }

  private static Map<String, List<String>> lines(List<MemberFile> files) throws IOException {
    Map<String, List<String>> lines = new LinkedHashMap<>();
    for (MemberFile file : files) {
      String content = Files.readString(file.path(), UTF_8);
      assertThat(content).endsWith("\n");
      assertThat(file.lines()).isEqualTo(content.lines().count());
      assertThat(file.bytes()).isEqualTo(Files.size(file.path()));
      assertThat(file.sha256()).isEqualTo(FileHash.sha256(file.path()));
      assertThat(lines.put(file.resourceType(), content.lines().toList())).isNull();
    }
    return lines;
  }
}
