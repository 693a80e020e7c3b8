package org.payerexchange.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.payerexchange.intake.Printable;
import org.payerexchange.ledger.store.TransferPage;
import org.payerexchange.ledger.store.TransferPart;

/** Prints answers of the ops API as text, in columns. */
final class Tables {
  private static final String WAITS_FOR = "waitsFor";
  private static final List<String> TRANSFERS =
      List.of(
          "id",
          "status",
          "payer",
          "receivedAt",
          "source",
          "recordNumber",
          "warnings",
          "reason",
          "detail",
          WAITS_FOR);

  private static final List<String> RECURRING =
      List.of(
          "id",
          "state",
          "payer",
          "requestId",
          "repeatEvery",
          "repeatUntil",
          "nextAt",
          "transfers",
          "lastTransfer",
          "endedAt",
          "endedBy");

  /** The lists that belong to a transfer. */
  static final List<String> PARTS = List.of("warned", "jobs", "files", "deliveries", "events");

  private static final Map<String, List<String>> COLUMNS =
      Map.of(
          "jobs",
          List.of(
              "id",
              "kind",
              "state",
              "jobId",
              "group",
              "since",
              "transactionTime",
              "polls",
              "progress",
              "reason",
              "detail"),
          "files",
          List.of("name", "state", "resources", "bytes", "sha256", "reason", "detail"),
          "deliveries",
          List.of(
              "sink", "state", "delivered", "files", "resources", "attempts", "reason", "detail"),
          "events",
          List.of("number", "at", "actor", "what", "detail"),
          "warned",
          List.of("part", "id", "name", "warnings"));

  private Tables() {}

  /**
   * A page of transfers.
   *
   * @param page from 0
   */
  static void transfers(JsonNode answer, int page, PrintWriter out) {
    JsonNode rows = answer.path("transfers");
    print("", rows, TRANSFERS, out);
    more(answer.path("total").asLong() - (long) page * TransferPage.SIZE, rows, page, out);
  }

  /**
   * A page of recurring requests.
   *
   * @param page from 0
   */
  static void recurring(JsonNode answer, int page, PrintWriter out) {
    JsonNode rows = answer.path("recurrences");
    if (rows.isEmpty()) {
      out.println("no recurring requests");
    }
    print("", rows, RECURRING, out);
    more(answer.path("total").asLong() - (long) page * TransferPage.SIZE, rows, page, out);
  }

  private static void more(long fromHere, JsonNode rows, int page, PrintWriter out) {
    long more = fromHere - rows.size();
    if (more > 0 && !rows.isEmpty()) {
      out.printf("… and %d more (--page %d)%n", more, page + 1);
    }
  }

  /** What the transfers wait for, one a line. */
  static void held(JsonNode answer, PrintWriter out) {
    for (JsonNode held : answer.path("held")) {
      out.printf(
          "%s %s is held since %s: %s, %s%s%n",
          text(held, "kind"),
          text(held, "name"),
          text(held, "since"),
          text(held, "reason"),
          text(held, "detail"),
          held.has("until") ? ", until " + text(held, "until") : "");
    }
  }

  /** A request that is overdue, of a report. */
  static void overdue(JsonNode request, PrintWriter out) {
    StringBuilder line = new StringBuilder(text(request, "overdue") + ":");
    for (String column :
        List.of(
            "id",
            "payer",
            "requestId",
            "memberId",
            "enrolledOn",
            "receivedAt",
            "askedAt",
            "answeredAt",
            "state",
            "reason")) {
      if (request.has(column)) {
        line.append(" ").append(column).append(" ").append(text(request, column));
      }
    }
    out.println(line);
  }

  /** The open batches of members, one a line. */
  static void batches(JsonNode answer, PrintWriter out) {
    JsonNode batches = answer.path("batches");
    batches.forEach(batch -> out.println(batch(batch)));
    long more = answer.path("batchesTotal").asLong() - batches.size();
    if (more > 0) {
      out.printf("… and %d more open batches%n", more);
    }
  }

  private static String batch(JsonNode batch) {
    return "batch %s of payer %s, opened %s, is %s%s; members: %s%s"
        .formatted(
            text(batch, "id"),
            text(batch, "payer"),
            text(batch, "openedAt"),
            text(batch, "phase"),
            batch.has("dueAt") ? ", next step due " + text(batch, "dueAt") : "",
            text(batch, "members"),
            outcomes(batch.path("outcomes")));
  }

  private static String outcomes(JsonNode outcomes) {
    List<String> counts = new ArrayList<>();
    outcomes
        .properties()
        .forEach(count -> counts.add(count.getValue().asText() + " " + count.getKey()));
    return counts.isEmpty() ? "" : " (%s)".formatted(Printable.text(String.join(", ", counts)));
  }

  /**
   * One transfer and a page of each list that belongs to it.
   *
   * @param page from 0
   */
  static void transfer(JsonNode transfer, int page, PrintWriter out) {
    transfer
        .properties()
        .forEach(
            field -> {
              if (field.getValue().isValueNode()) {
                out.printf("%-13s %s%n", field.getKey(), Printable.text(field.getValue().asText()));
              }
            });
    if (transfer.has(WAITS_FOR)) {
      out.printf("%-13s %s%n", WAITS_FOR, text(transfer, WAITS_FOR));
    }
    if (transfer.has("asBatch")) {
      out.println(batch(transfer.path("asBatch")));
    }
    for (String part : PARTS) {
      JsonNode rows = transfer.path(part);
      print(part, rows, COLUMNS.get(part), out);
      long all = transfer.path("totals").path(part).asLong();
      more(all - (long) page * TransferPart.PAGE, rows, page, out);
    }
  }

  private static void print(String title, JsonNode rows, List<String> columns, PrintWriter out) {
    if (rows.isEmpty()) {
      return;
    }
    if (!title.isEmpty()) {
      out.println();
      out.println(title);
    }
    List<String> filled = columns.stream().filter(column -> isFilled(rows, column)).toList();
    List<List<String>> lines = new ArrayList<>();
    lines.add(filled);
    rows.forEach(row -> lines.add(filled.stream().map(column -> text(row, column)).toList()));
    for (List<String> line : lines) {
      StringBuilder text = new StringBuilder();
      for (int column = 0; column < line.size(); column++) {
        text.append(padded(line.get(column), width(lines, column)));
      }
      out.println(text.toString().stripTrailing());
    }
  }

  private static boolean isFilled(JsonNode rows, String column) {
    for (JsonNode row : rows) {
      if (!text(row, column).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  static String text(JsonNode row, String column) {
    JsonNode value = row.path(column);
    if (column.equals(WAITS_FOR) && value.isObject()) {
      return waiting(value);
    }
    List<String> texts = new ArrayList<>();
    value.forEach(text -> texts.add(text.asText()));
    return Printable.text(value.isArray() ? String.join("; ", texts) : value.asText(""));
  }

  private static String waiting(JsonNode wait) {
    return "%s %s (%s) since %s%s%s"
        .formatted(
            text(wait, "kind"),
            text(wait, "name"),
            text(wait, "step"),
            text(wait, "since"),
            // of an outcome that cannot be told, and of a release, only the audit trail says why
            wait.has("reason")
                ? ": %s, %s".formatted(text(wait, "reason"), text(wait, "detail"))
                : "",
            wait.has("nextTry")
                ? "; %s tries, the next %s".formatted(text(wait, "attempts"), text(wait, "nextTry"))
                : "");
  }

  private static int width(List<List<String>> lines, int column) {
    return lines.stream().mapToInt(line -> line.get(column).length()).max().orElse(0);
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(width - text.length() + 2);
  }
}
