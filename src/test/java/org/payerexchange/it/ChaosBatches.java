package org.payerexchange.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.payerexchange.sandbox.BulkMatch;
import org.payerexchange.sandbox.GroupExport;
import org.payerexchange.sandbox.MatchScenario;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.Sandbox;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The members whom a run of {@link Chaos} asks for in batches, and what came of them. */
final class ChaosBatches {
  static final int SIZE = 12;

  /** By the number, modulo two batches; all others are plain. */
  private static final Map<Integer, MatchScenario> SPECIAL =
      Map.of(
          3, MatchScenario.EMPTY,
          5, MatchScenario.UNKNOWN,
          7, MatchScenario.CONSENT_CONSTRAINED,
          9, MatchScenario.NO_BUCKET,
          11, MatchScenario.TWICE,
          17, MatchScenario.INVALID);

  /** How transfers end, those apart that are COMPLETE. */
  private static final Map<MatchScenario, String> ENDS =
      Map.of(
          MatchScenario.UNKNOWN, "NO_MATCH NO_MATCH",
          MatchScenario.CONSENT_CONSTRAINED, "NO_MATCH CONSENT_CONSTRAINED",
          MatchScenario.NO_BUCKET, "FAILED BAD_ANSWER",
          MatchScenario.INVALID, "FAILED PAYER_REFUSED");

  private static final String JOBS =
      "SELECT COUNT(*) FROM export_job WHERE kind = '%s' AND job_id IS NOT NULL";

  private final JdbcClient ledger;
  private final Sandbox sandbox;
  private final Path outbox;
  private final List<String> problems = new ArrayList<>();
  private long lines;
  private long lost;
  private long strange;

  ChaosBatches(JdbcClient ledger, Sandbox sandbox, Path outbox) {
    this.ledger = ledger;
    this.sandbox = sandbox;
    this.outbox = outbox.resolve(PdexPayer.ID);
  }

  /**
   * Who is in a batch, from 0. Half of each batch of the second half are those of an earlier one,
   * who are asked for again, from when they were exported on.
   */
  static List<PdexMember> members(int batch, int batches) {
    int before = batch < (batches + 1) / 2 ? batch : batch - (batches + 1) / 2;
    return IntStream.range(0, SIZE)
        .map(place -> (place < SIZE / 2 ? before : batch) * SIZE + place)
        .mapToObj(
            number ->
                PdexPayer.member(
                    number, SPECIAL.getOrDefault(number % (2 * SIZE), MatchScenario.PLAIN)))
        .toList();
  }

  /** What the request ids of a batch begin with. */
  static String requests(int batch) {
    return "batch-%d-".formatted(batch);
  }

  /** Looks at so many batches. */
  void look(int batches, BiConsumer<String, Long> figure, Consumer<String> problem)
      throws IOException {
    figure.accept("batches of members", (long) batches);
    long full = number("SELECT COUNT(*) FROM member_batch WHERE members = %d".formatted(SIZE));
    if (full != batches) {
      problems.add("%d batches were full".formatted(full));
    }
    matches(figure);
    released();
    members(batches, figure);
    sandbox.requests().unexpected().forEach(request -> problems.add("asked for: " + request));
    problems.forEach(problem);
  }

  /** Exactly one for each batch, and for each part of one, those apart whose answer was lost. */
  private void matches(BiConsumer<String, Long> figure) {
    Map<String, List<String>> askedBy =
        sandbox.bulkMatches().stream()
            .collect(Collectors.toMap(BulkMatch::jobId, BulkMatch::submitted));
    Map<List<String>, Long> most = new HashMap<>();
    ledger
        .sql(
            """
            SELECT job_id, 1 + (SELECT COUNT(*) FROM transfer_event event
              WHERE event.transfer_id = job.transfer_id AND event.what = 'KICKOFF_REPEATED'
                AND event.detail = 'match job ' || job.id) AS most
            FROM export_job job WHERE kind = 'MATCH' AND job_id IS NOT NULL""")
        .query(
            row -> {
              most.merge(askedBy.get(row.getString("job_id")), row.getLong("most"), Long::sum);
            });
    askedBy.values().stream()
        .collect(Collectors.groupingBy(members -> members, Collectors.counting()))
        .forEach(
            (members, times) -> {
              if (times > most.getOrDefault(members, 0L)) {
                problems.add(
                    "a match of %d members was asked for %d times, at most %d expected"
                        .formatted(members.size(), times, most.getOrDefault(members, 0L)));
              }
            });
    figure.accept("match jobs", number(JOBS.formatted("MATCH")));
    figure.accept("match jobs started twice", twice(ledger, sandbox));
    figure.accept("exports that members share", number(JOBS.formatted("SHARED")));
    figure.accept(
        "  from an earlier one on", number(JOBS.formatted("SHARED") + " AND since IS NOT NULL"));
    long more =
        number(
            """
            SELECT COUNT(*) FROM (SELECT transfer_id FROM export_job
              WHERE kind IN ('MATCH', 'SHARED')
              GROUP BY transfer_id, kind, CASE WHEN since IS NULL THEN 0 ELSE 1 END
              HAVING COUNT(*) > 1) more""");
    if (more > 0) {
      problems.add("%d batches have two matches, or two exports of a kind".formatted(more));
    }
  }

  /** How many match jobs the payer has that nobody knows of. */
  static long twice(JdbcClient ledger, Sandbox sandbox) {
    return sandbox.bulkMatches().size()
        - ledger.sql(JOBS.formatted("MATCH")).query(Long.class).single();
  }

  /** What the ledger knows of was given back. */
  private void released() {
    Map<String, Boolean> released = new HashMap<>();
    sandbox.bulkMatches().forEach(match -> released.put(match.jobId(), match.released()));
    sandbox.groupExports().forEach(export -> released.put(export.jobId(), export.released()));
    ledger
        .sql(
            "SELECT job_id FROM export_job WHERE kind IN ('MATCH', 'SHARED') AND job_id IS NOT NULL")
        .query(String.class)
        .list()
        .stream()
        .filter(job -> !released.getOrDefault(job, false))
        .forEach(job -> problems.add("not given back: " + job));
  }

  private void members(int batches, BiConsumer<String, Long> figure) throws IOException {
    Map<String, List<Map<String, Object>>> transfers =
        ledger
            .sql(
                """
                SELECT transfer.id, request_id, shared.job_id AS shared, shared.since,
                  transfer.state || COALESCE(' ' || transfer.reason, '') AS ended
                FROM transfer
                LEFT JOIN export_job part ON part.transfer_id = transfer.id
                LEFT JOIN export_job shared ON shared.id = part.shared_job
                WHERE transfer.payer = ? AND NOT is_batch""")
            .param(PdexPayer.ID)
            .query()
            .listOfRows()
            .stream()
            .collect(Collectors.groupingBy(row -> String.valueOf(row.get("request_id"))));
    Map<String, GroupExport> exports =
        sandbox.groupExports().stream()
            .collect(Collectors.toMap(GroupExport::jobId, export -> export));
    Set<PdexMember> known = new HashSet<>();
    for (int batch = 0; batch < batches; batch++) {
      for (PdexMember member : members(batch, batches)) {
        List<Map<String, Object>> rows =
            transfers.getOrDefault(requests(batch) + member.coverageId(), List.of());
        String end = ENDS.getOrDefault(member.scenario(), "COMPLETE");
        if (rows.size() != 1 || !end.equals(rows.get(0).get("ended"))) {
          problems.add("%s is to end %s, but: %s".formatted(member, end, rows));
        }
        boolean isNew = known.add(member);
        for (Map<String, Object> row : rows) {
          if (end.equals("COMPLETE") == (row.get("shared") == null)
              || (isNew && row.get("since") != null)) {
            problems.add("%s is not exported as it should be: %s".formatted(member, row));
          }
          lines(
              member,
              exports.get(String.valueOf(row.get("shared"))),
              outbox.resolve(String.valueOf(row.get("id"))));
        }
      }
    }
    try (Stream<Path> folders = Files.list(outbox)) {
      long others = folders.count() - (long) SIZE * batches;
      if (others != 0) {
        problems.add("%d folders more than members".formatted(others));
      }
    }
    figure.accept("members of them", (long) SIZE * batches);
    figure.accept("lines that they got", lines);
    figure.accept("lines lost", lost);
    figure.accept("lines not theirs, or there twice", strange);
  }

  /** The lines of a member, of an export, or none. */
  private void lines(PdexMember member, GroupExport export, Path folder) throws IOException {
    List<String> missing = export == null ? new ArrayList<>() : PdexFolders.served(export, member);
    List<String> found = new ArrayList<>(PdexFolders.lines(folder));
    lines += found.size();
    found.removeIf(missing::remove);
    lost += missing.size();
    strange += found.size();
    if (!missing.isEmpty()
        || !found.isEmpty()
        || !ChaosResult.isLast(folder.resolve("manifest.json"), ChaosResult.hashes(folder))) {
      problems.add(
          "%s of %s lacks %d lines, has %d too many"
              .formatted(folder, member, missing.size(), found.size()));
    }
  }

  private long number(String sql) {
    return ledger.sql(sql).query(Long.class).single();
  }
}
