package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.sandbox.BulkMatch;
import org.payerexchange.sandbox.ExportedJob;
import org.payerexchange.sandbox.GroupExport;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.support.TestBundle;

/** What members got, held against what the gateway has of each. */
final class PdexFolders {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Pattern LINES = Pattern.compile("\\d+");

  private final TestBundle bundle;
  private final Pipeline pipeline;
  private final Sandbox sandbox;

  PdexFolders(TestBundle bundle, Sandbox sandbox) {
    this.bundle = bundle;
    this.pipeline = new Pipeline(bundle);
    this.sandbox = sandbox;
  }

  /** Waits until a member's transfer has ended so, with all that the gateway has of it. */
  String awaitServed(PdexMember member) throws IOException {
    return awaitServed(PdexPayer.request(member), member);
  }

  String awaitServed(String request, PdexMember member) throws IOException {
    String id = awaitWhole(request, member);
    assertThat(pipeline.transfer(id))
        .as(() -> "warnings: " + warnings(id))
        .containsEntry("warnings", pipeline.files(id).isEmpty() ? 1 : 0);
    return id;
  }

  /** Waits until a member's transfer is complete and has all, with warnings or without. */
  String awaitWhole(PdexMember member) throws IOException {
    return awaitWhole(PdexPayer.request(member), member);
  }

  private String awaitWhole(String request, PdexMember member) throws IOException {
    String id = pipeline.awaitEnd(request, "COMPLETE");
    assertHolds(id, member);
    assertThat(pipeline.transfer(id)).containsEntry("reason", null);
    assertManifest(id, "COMPLETE");
    assertRows(id);
    return id;
  }

  /** A transfer's folder has all that the gateway has of a member, and nothing else. */
  void assertHolds(String id, PdexMember member) throws IOException {
    List<GroupExport> exports =
        sandbox.groupExports().stream()
            .filter(export -> export.members().contains(member))
            .toList();
    assertThat(exports).isNotEmpty();
    assertThat(lines(outbox(id)))
        .containsExactlyInAnyOrderElementsOf(served(exports.get(exports.size() - 1), member));
  }

  /** Waits until a member's transfer has ended so, for this reason and without a line of data. */
  String awaitNothing(PdexMember member, String state, String reason) throws IOException {
    return awaitNothing(PdexPayer.request(member), state, reason);
  }

  String awaitNothing(String request, String state, String reason) throws IOException {
    String id = pipeline.awaitEnd(request, state);
    assertThat(pipeline.transfer(id)).containsEntry("reason", reason);
    assertThat(pipeline.delivered(PdexPayer.ID, id)).containsExactly("manifest.json");
    assertThat(pipeline.files(id)).isEmpty();
    assertManifest(id, state);
    return id;
  }

  /** The step that a member's manifest says that it failed at. */
  String failedAt(PdexMember member) throws IOException {
    return manifest(pipeline.id(PdexPayer.request(member))).at("/failure/step").asText();
  }

  /** Waits until the gateway has been given all jobs back, and nothing is left of any. */
  void awaitReleased() throws IOException {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(sandbox.groupExports()).allMatch(GroupExport::released);
              assertThat(sandbox.bulkMatches())
                  .filteredOn(match -> !match.jobId().isEmpty())
                  .allMatch(BulkMatch::released);
              assertThat(pipeline.column("SELECT kind FROM step")).isEmpty();
            });
    assertThat(names(bundle.outbox().resolve(".shared"))).isEmpty();
    assertThat(names(bundle.work())).noneMatch(name -> name.endsWith(".ndjson"));
    assertThat(sandbox.requests().unexpected()).isEmpty();
  }

  /** How many matches were asked for, and how many exports, each Group once. */
  void assertJobs(int matches, int exports) {
    assertThat(sandbox.bulkMatches()).hasSize(matches);
    assertThat(sandbox.requests().received(RequestKind.KICK_OFF)).isEqualTo(exports);
    assertThat(sandbox.requests().kickOffs().values()).hasSize(exports).allMatch(each -> each == 1);
  }

  /** What went to nobody is counted: all lines that came, but for those that somebody got. */
  void assertNobodysLinesAreCounted(Collection<String> transfers) throws IOException {
    Set<String> given = new HashSet<>();
    for (String id : transfers) {
      given.addAll(lines(outbox(id)));
    }
    long came =
        sandbox.jobs().stream()
            .flatMap(job -> job.files().stream())
            .mapToLong(ExportedJob.ExportedFile::resources)
            .sum();
    long counted =
        pipeline
            .column(
                "SELECT warnings FROM export_job WHERE kind = 'SHARED' AND warnings IS NOT NULL")
            .stream()
            .flatMap(String::lines)
            .flatMap(line -> LINES.matcher(line).results().map(MatchResult::group).limit(1))
            .mapToLong(Long::parseLong)
            .sum();
    assertThat(counted).isEqualTo(came - given.size());
  }

  /** The ledger's own words and what ops answers name nobody. */
  void assertNobodyIsNamed(Collection<PdexMember> members) {
    String words =
        Stream.of(
                "SELECT detail FROM transfer WHERE detail IS NOT NULL",
                "SELECT detail FROM transfer_event WHERE detail IS NOT NULL",
                "SELECT detail FROM export_job WHERE detail IS NOT NULL",
                "SELECT warnings FROM export_job WHERE warnings IS NOT NULL",
                "SELECT detail FROM output_file WHERE detail IS NOT NULL",
                "SELECT detail FROM delivery WHERE detail IS NOT NULL")
            .flatMap(sql -> pipeline.column(sql).stream())
            .reduce("", String::concat);
    for (PdexMember member : members) {
      assertThat(words)
          .doesNotContain(
              member.family(),
              member.memberId(),
              member.coverageId(),
              member.patientId(),
              member.birthDate().toString());
    }
  }

  Path outbox(String id) {
    return pipeline.outbox(PdexPayer.ID, id);
  }

  /** All that a member is to get of an export, each line without its end. */
  static List<String> served(GroupExport export, PdexMember member) {
    List<String> lines = new ArrayList<>(export.own(member).toList());
    lines.addAll(export.shared(member));
    return lines;
  }

  /** All lines of a folder's files, each without its end. */
  static List<String> lines(Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path file : files(folder)) {
      if (file.toString().endsWith(".ndjson")) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines;
  }

  List<String> warnings(String id) {
    return pipeline.column(
        """
        SELECT warnings FROM export_job WHERE transfer_id = ? AND warnings IS NOT NULL
        UNION ALL SELECT warnings FROM output_file WHERE transfer_id = ? AND warnings IS NOT NULL
        UNION ALL SELECT warnings FROM delivery WHERE transfer_id = ? AND warnings IS NOT NULL""",
        id,
        id,
        id);
  }

  private void assertManifest(String id, String state) throws IOException {
    assertThat(manifest(id).path("status").asText()).isEqualTo(state);
  }

  JsonNode manifest(String id) throws IOException {
    return JsonLimits.mapper().readTree(outbox(id).resolve("manifest.json").toFile());
  }

  /** What lies in the outbox is what the ledger says, and nothing else. */
  private void assertRows(String id) throws IOException {
    Set<String> names = new HashSet<>(Set.of("manifest.json"));
    for (Map<String, Object> file : pipeline.files(id)) {
      String name = "%s-%s.ndjson".formatted(file.get("resource_type"), file.get("number"));
      assertThat(file).containsEntry("state", "STORED");
      assertThat(outbox(id).resolve(name)).hasDigest("SHA-256", file.get("sha256").toString());
      names.add(name);
    }
    assertThat(pipeline.delivered(PdexPayer.ID, id)).containsExactlyInAnyOrderElementsOf(names);
    assertThat(pipeline.leftOf(id)).isEmpty();
  }

  private static List<String> names(Path folder) {
    return files(folder).stream().map(Path::toString).toList();
  }

  private static List<Path> files(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
