package org.payerexchange.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.payerexchange.files.FileHash;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.ledger.store.TransferSummary;
import org.payerexchange.sandbox.ExportedJob;
import org.payerexchange.sandbox.ExportedJob.ExportedFile;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.Sandbox;

/** Holds what arrived downstream against what the sandbox had to give. */
final class DemoInspection {
  private final Path outbox;
  private final Sandbox sandbox;
  private final List<TransferSummary> transfers;
  private final Map<String, JsonNode> outcomes;

  /**
   * @param transfers what the ledger has
   * @param outcomes the outcome messages, by transfer
   */
  DemoInspection(
      Path outbox,
      Sandbox sandbox,
      List<TransferSummary> transfers,
      Map<String, JsonNode> outcomes) {
    this.outbox = outbox;
    this.sandbox = sandbox;
    this.transfers = transfers;
    this.outcomes = outcomes;
  }

  DemoResult inspect(DemoSample sample) throws IOException {
    List<TransferSummary> found = transfers.stream().filter(sample::is).toList();
    if (found.size() != 1) {
      return new DemoResult(sample, null, 0, 0, 0, found.size() + " transfers in the ledger");
    }
    TransferSummary transfer = found.get(0);
    List<ExportedFile> delivered = delivered(transfer);
    return new DemoResult(
        sample,
        transfer.state(),
        delivered.size(),
        delivered.stream().mapToLong(ExportedFile::resources).sum(),
        delivered.stream().mapToLong(ExportedFile::bytes).sum(),
        problem(sample, transfer, delivered));
  }

  private String problem(DemoSample sample, TransferSummary transfer, List<ExportedFile> delivered)
      throws IOException {
    if (transfer.state() != sample.expected()) {
      return transfer.reason() == null ? "unexpected state" : "unexpected " + transfer.reason();
    }
    if (transfer.state() == TransferState.REJECTED) {
      return null;
    }
    JsonNode outcome = outcomes.get(transfer.id());
    if (outcome == null || !transfer.state().name().equals(outcome.path("status").asText())) {
      return "no such outcome message";
    }
    if (!kickOffs(sample).equals(sample.groups().stream().map(group -> 1).toList())) {
      return "kick-offs: " + kickOffs(sample);
    }
    Optional<PdexMember> member = sample.generated();
    if (member.isPresent()) {
      return lines(transfer).equals(known(member.get()))
          ? null
          : "the lines are not those that the gateway has of the member";
    }
    if (transfer.state() == TransferState.COMPLETE
        && !hashes(delivered).equals(hashes(served(sample)))) {
      return "the files are not those that the gateway served";
    }
    return null;
  }

  /** What stands in the transfer's folder. */
  private List<String> lines(TransferSummary transfer) throws IOException {
    List<String> lines = new ArrayList<>();
    Path folder = outbox.resolve(transfer.payer()).resolve(transfer.id());
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.ndjson")) {
      for (Path file : files) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines.stream().sorted().toList();
  }

  /** What the gateway has of a member in the exports that it was in, or of its Patient. */
  private List<String> known(PdexMember member) {
    Stream<String> exported =
        sandbox.groupExports().stream()
            .filter(export -> export.members().contains(member))
            .flatMap(export -> Stream.concat(export.own(member), export.shared(member).stream()));
    return Stream.concat(exported, ofPatient(member)).sorted().toList();
  }

  /** Nothing, unless a match has named the Patient. */
  private Stream<String> ofPatient(PdexMember member) {
    boolean isNamed =
        sandbox.requests().matches().containsKey(member.tenant() + '/' + member.patientId());
    return isNamed ? sandbox.patientRecord(member).stream() : Stream.empty();
  }

  private List<Integer> kickOffs(DemoSample sample) {
    Map<String, Integer> counts = sandbox.requests().kickOffs();
    return sample.groups().stream()
        .map(group -> counts.getOrDefault(sample.payer() + '/' + group, 0))
        .toList();
  }

  private List<ExportedFile> served(DemoSample sample) {
    return sandbox.jobs().stream()
        .filter(job -> job.tenant().equals(sample.payer()))
        .filter(job -> sample.groups().contains(job.groupId()))
        .map(ExportedJob::files)
        .flatMap(List::stream)
        .toList();
  }

  /** The transfer's output files on disk, measured there. */
  private List<ExportedFile> delivered(TransferSummary transfer) throws IOException {
    JsonNode outcome = outcomes.get(transfer.id());
    List<ExportedFile> files = new ArrayList<>();
    if (outcome != null) {
      Path folder = outbox.resolve(transfer.payer()).resolve(transfer.id());
      for (JsonNode file : outcome.path("files")) {
        Path path = folder.resolve(file.path("name").asText());
        if ("output".equals(file.path("kind").asText()) && Files.exists(path)) {
          files.add(measured(file.path("type").asText(), path));
        }
      }
    }
    return files;
  }

  private static ExportedFile measured(String type, Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    try (Stream<String> lines = Files.lines(file)) {
      return new ExportedFile(type, lines.count(), bytes.length, FileHash.sha256(bytes));
    }
  }

  private static List<String> hashes(List<ExportedFile> files) {
    return files.stream().map(ExportedFile::sha256).sorted().toList();
  }
}
