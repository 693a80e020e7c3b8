package org.payerexchange.cli;

import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** Which transfers a command is about, as the ops API's filters have it. */
final class FilterOptions {
  private static final String ENDED_BADLY = "FAILED,NO_MATCH";

  @Option(names = "--failed", description = "Only transfers that are FAILED or NO_MATCH.")
  private boolean failed;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      split = ",",
      description = "Only transfers in one of these states.")
  private String[] states;

  @Option(names = "--payer", paramLabel = "PAYER", description = "Only transfers of this payer.")
  private String payer;

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      split = ",",
      description = "Only transfers with one of these reasons.")
  private String[] reasons;

  @Option(
      names = "--sink",
      paramLabel = "SINK",
      description =
          "Only transfers of which this sink has not had all; outbox and outcome-queue are our own.")
  private String sink;

  @Option(
      names = "--request-id",
      paramLabel = "ID",
      description = "Only transfers that their sender called so.")
  private String requestId;

  @Option(
      names = "--source",
      paramLabel = "FILE",
      description = "Only transfers from this intake file.")
  private String source;

  @Option(
      names = "--batch",
      paramLabel = "BATCH",
      description = "Only transfers of this batch of members.")
  private String batch;

  @Option(
      names = "--received-from",
      paramLabel = "TIME",
      description =
          "Only transfers that were received then or later: 2026-11-27T08:00:00Z, or 2026-11-27 for the day's beginning in UTC.")
  private String receivedFrom;

  @Option(
      names = "--received-until",
      paramLabel = "TIME",
      description = "Only transfers that were received before.")
  private String receivedUntil;

  /** The filters by their names. */
  Map<String, String> asked() {
    Map<String, String> asked = new TreeMap<>();
    put(asked, "state", states == null ? null : String.join(",", states));
    put(asked, "status", failed ? ENDED_BADLY : null);
    put(asked, "payer", payer);
    put(asked, "reason", reasons == null ? null : String.join(",", reasons));
    put(asked, "sink", sink);
    put(asked, "requestId", requestId);
    put(asked, "source", source);
    put(asked, "batch", batch);
    put(asked, "receivedFrom", receivedFrom);
    put(asked, "receivedUntil", receivedUntil);
    return asked;
  }

  private static void put(Map<String, String> asked, String name, String text) {
    if (text != null) {
      asked.put(name, text);
    }
  }
}
