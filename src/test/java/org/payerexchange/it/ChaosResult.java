package org.payerexchange.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.payerexchange.files.FileHash;
import org.payerexchange.files.SharedFolders;
import org.payerexchange.sandbox.ExportedJob;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Looks at what came of a run of {@link Chaos}, in the ledger, at the gateway and on the disk. */
final class ChaosResult {
  private final JdbcClient ledger;
  private final Sandbox sandbox;
  private final Path folder;
  private final List<String> problems = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();

  private ChaosResult(JdbcClient ledger, Sandbox sandbox, Path folder) {
    this.ledger = ledger;
    this.sandbox = sandbox;
    this.folder = folder;
  }

  static ChaosResult of(
      JdbcClient ledger,
      Sandbox sandbox,
      Path folder,
      int transfers,
      int batches,
      Map<String, Integer> done,
      Duration took)
      throws IOException {
    ChaosResult result = new ChaosResult(ledger, sandbox, folder);
    result.figure("transfers", transfers);
    result.transfers(transfers);
    done.forEach(result::figure);
    result.figure("steps taken over", result.takeovers());
    result.faults();
    result.kickOffs(done.getOrDefault(Chaos.KICK_OFFS, 0));
    result.files();
    if (batches > 0) {
      new ChaosBatches(ledger, sandbox, folder.resolve("outbox"))
          .look(batches, result::figure, result.problems::add);
    }
    result.leftovers();
    result.figure("seconds", took.toSeconds());
    result.problems.forEach(
        problem -> result.text.append("  WRONG: ").append(problem).append('\n'));
    return result;
  }

  /** What should not be, one line each. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  /** The figures, and the problems, if there are any. */
  String text() {
    return text.toString();
  }

  private void transfers(int expected) {
    Map<String, Long> states =
        column("SELECT state FROM transfer WHERE batch_id IS NULL AND NOT is_batch").stream()
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    figure("complete", states.getOrDefault("COMPLETE", 0L));
    figure("failed", states.getOrDefault("FAILED", 0L));
    if (!states.equals(Map.of("COMPLETE", (long) expected))) {
      problems.add("transfers by state: " + states);
      problems.addAll(
          column(
              """
              SELECT transfer.id || ' ' || transfer.state || ' ' || event.what || ' '
                || COALESCE(event.detail, '')
              FROM transfer JOIN transfer_event event ON event.transfer_id = transfer.id
                AND event.number > transfer.events - 8
              WHERE transfer.state <> 'COMPLETE' AND batch_id IS NULL ORDER BY event.at DESC LIMIT 24"""));
    }
    figure("steps tried again", events("RETRY_LATER"));
  }

  private void faults() {
    Map<Fault, Integer> sum = new EnumMap<>(Fault.class);
    sandbox
        .requests()
        .faults()
        .values()
        .forEach(counts -> counts.forEach((fault, count) -> sum.merge(fault, count, Integer::sum)));
    figure("requests", sandbox.requests().received().values().stream().mapToInt(i -> i).sum());
    figure("requests that went wrong", sum.values().stream().mapToInt(i -> i).sum());
    sum.forEach((fault, count) -> figure("  " + fault, count));
  }

  /** Exactly one for each match, of a member or of a batch, those apart whose answer was lost. */
  private void kickOffs(int killed) {
    Map<String, Integer> started = sandbox.requests().kickOffs();
    Map<String, Integer> allowed =
        ledger
            .sql(
                """
                SELECT job.payer || '/' || job.group_id AS name, 1 + (SELECT COUNT(*)
                  FROM transfer_event event WHERE event.transfer_id = job.transfer_id
                    AND event.what = 'KICKOFF_REPEATED' AND event.detail = 'job ' || job.id) AS most
                FROM export_job job WHERE kind IN ('EXPORT', 'SHARED')""")
            .query((row, at) -> Map.entry(row.getString("name"), row.getInt("most")))
            .list()
            .stream()
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, Integer::sum));
    int jobs = started.values().stream().mapToInt(i -> i).sum();
    int exports =
        (int) number("SELECT COUNT(*) FROM export_job WHERE kind IN ('EXPORT', 'SHARED')");
    figure("exports", exports);
    figure("kick-offs whose answer was lost", events("KICKOFF_REPEATED"));
    long lost = lost(RequestKind.KICK_OFF, RequestKind.BULK_MATCH);
    long late = late();
    figure("  because the payer lost it", lost);
    figure("  because it did not come in time", late);
    figure("exports started twice by that", jobs - exports);
    if (jobs - exports + ChaosBatches.twice(ledger, sandbox) > lost + late + killed + takeovers()) {
      problems.add("more jobs were started twice than answers lost and kick-offs left undone");
    }
    allowed.forEach(
        (group, most) -> {
          int times = started.getOrDefault(group, 0);
          if (times < 1 || times > most) {
            problems.add(
                "%s was kicked off %d times, at most %d expected".formatted(group, times, most));
          }
        });
  }

  /** How many of these requests were carried out, and not answered. */
  private long lost(RequestKind... kinds) {
    return Arrays.stream(kinds)
        .map(kind -> sandbox.requests().faults().getOrDefault(kind, Map.of()))
        .mapToLong(faults -> faults.getOrDefault(Fault.LOSE_ANSWER, 0))
        .sum();
  }

  private long late() {
    return number(
        """
        SELECT COUNT(*) FROM transfer_event WHERE what = 'RETRY_LATER'
          AND (detail LIKE 'EXPORT_KICKOFF%' OR detail LIKE 'MATCH_BATCH%')
          AND (detail LIKE '%Timeout%' OR detail LIKE '%InterruptedIO%')""");
  }

  private void files() throws IOException {
    Map<String, ExportedJob> jobs =
        sandbox.jobs().stream().collect(Collectors.toMap(ExportedJob::jobId, job -> job));
    int delivered = 0;
    int lost = 0;
    int strange = 0;
    for (Map<String, Object> row :
        ledger
            .sql("SELECT transfer_id, payer, job_id FROM export_job WHERE kind = 'EXPORT'")
            .query()
            .listOfRows()) {
      Path outbox = folder.resolve("outbox/" + row.get("payer") + "/" + row.get("transfer_id"));
      ExportedJob job = jobs.get(String.valueOf(row.get("job_id")));
      TreeSet<String> expected = new TreeSet<>();
      for (int file = 0; job != null && file < job.files().size(); file++) {
        ExportedJob.ExportedFile served = job.files().get(file);
        expected.add("%s-%d.ndjson %s".formatted(served.resourceType(), file + 1, served.sha256()));
      }
      Set<String> found = hashes(outbox);
      delivered += found.size();
      lost += missing(expected, found);
      strange += missing(found, expected);
      if (job == null
          || !found.equals(expected)
          || !isLast(outbox.resolve("manifest.json"), found)) {
        problems.add("%s holds %s, served was %s".formatted(outbox, found, expected));
      }
    }
    figure("files delivered", delivered);
    figure("lost", lost);
    figure("not what was served, or there twice", strange);
    List<String> twice =
        column(
            """
            SELECT transfer_id || ' ' || detail FROM transfer_event WHERE what = 'DELIVERY_DONE'
            GROUP BY transfer_id, detail HAVING COUNT(*) > 1""");
    figure("deliveries recorded twice", twice.size());
    twice.forEach(name -> problems.add("delivered twice: " + name));
  }

  /** The files of a transfer, but for its manifest. */
  static Set<String> hashes(Path outbox) throws IOException {
    Set<String> found = new TreeSet<>();
    for (Path file : tree(outbox)) {
      if (!file.endsWith("manifest.json")) {
        found.add(outbox.relativize(file) + " " + FileHash.sha256(file));
      }
    }
    return found;
  }

  /** Whether it stands, names these files, and was written behind them. */
  static boolean isLast(Path manifest, Set<String> found) throws IOException {
    if (!Files.exists(manifest)) {
      return false;
    }
    Set<String> named = new TreeSet<>();
    for (JsonNode file : new ObjectMapper().readTree(manifest.toFile()).path("files")) {
      named.add(file.path("name").asText() + " " + file.path("sha256").asText());
      if (Files.getLastModifiedTime(manifest.resolveSibling(file.path("name").asText()))
              .compareTo(Files.getLastModifiedTime(manifest))
          > 0) {
        return false;
      }
    }
    return named.equals(found);
  }

  private static int missing(Set<String> these, Set<String> in) {
    Set<String> missing = new TreeSet<>(these);
    missing.removeAll(in);
    return missing.size();
  }

  private void leftovers() throws IOException {
    List<Path> left = new ArrayList<>(tree(folder.resolve("work")));
    Path outbox = folder.resolve("outbox");
    tree(outbox).stream()
        .filter(
            file ->
                file.startsWith(outbox.resolve(".incoming"))
                    || file.startsWith(outbox.resolve(".shared"))
                    || file.getFileName().toString().startsWith("."))
        .forEach(left::add);
    Path inbox = folder.resolve("inbox");
    tree(inbox).stream()
        .filter(file -> !file.startsWith(inbox.resolve(".done")))
        .forEach(left::add);
    figure("temporary files left", left.size());
    left.forEach(file -> problems.add("left over: " + folder.relativize(file)));
  }

  private static List<Path> tree(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.endsWith(SharedFolders.MARK))
          .toList();
    }
  }

  private long takeovers() {
    return number("SELECT COALESCE(SUM(takeovers), 0) FROM payer_gate");
  }

  private long events(String what) {
    return ledger
        .sql("SELECT COUNT(*) FROM transfer_event WHERE what = ?")
        .param(what)
        .query(Long.class)
        .single();
  }

  private long number(String sql) {
    return ledger.sql(sql).query(Long.class).single();
  }

  private List<String> column(String sql) {
    return ledger.sql(sql).query(String.class).list();
  }

  private void figure(String name, long figure) {
    text.append(String.format(Locale.ROOT, "  %-38s %,9d%n", name, figure));
  }
}
