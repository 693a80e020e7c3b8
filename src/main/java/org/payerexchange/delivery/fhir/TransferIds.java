package org.payerexchange.delivery.fhir;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.payerexchange.download.StagedFiles;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FileState;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferReport.ReportedFile;

/**
 * The ids that a transfer's output files hold, by type. Their tables lie in the work directory,
 * {@code .<file>.<hash>.ids}, and stay when the files themselves have been delivered.
 */
final class TransferIds {
  private static final int HASH_DIGITS = 16;
  private static final Pattern TABLE =
      Pattern.compile("\\.([A-Z][A-Za-z]+)-[0-9]+\\.ndjson\\.[0-9a-f]+\\.ids");

  private final Map<String, List<KnownIds>> byType;

  private TransferIds(Map<String, List<KnownIds>> byType) {
    this.byType = byType;
  }

  /** No ids at all. */
  static TransferIds none() {
    return new TransferIds(Map.of());
  }

  /**
   * Opens the tables of a transfer, and writes those that are missing.
   *
   * @throws IOException if the work directory cannot be used
   */
  static TransferIds of(TransferReport transfer, StagedFiles staged) throws IOException {
    for (ReportedFile file : transfer.files()) {
      boolean wanted = file.kind() == FileKind.OUTPUT && file.state() == FileState.FETCHED;
      Path source = staged.file(transfer.transferId(), file.name());
      if (wanted && Files.exists(source)) {
        Path table = table(source, file);
        if (!Files.exists(table)) {
          KnownIds.write(table, staged.open(transfer.transferId(), file.name()), file.resources());
        }
      }
    }
    return open(staged.file(transfer.transferId(), ""));
  }

  private static Path table(Path source, ReportedFile file) {
    return source.resolveSibling(
        ".%s.%s.ids".formatted(file.name(), file.sha256().substring(0, HASH_DIGITS)));
  }

  private static TransferIds open(Path folder) throws IOException {
    Map<String, List<KnownIds>> byType = new HashMap<>();
    try (DirectoryStream<Path> tables = Files.newDirectoryStream(folder, ".*.ids")) {
      for (Path table : tables) {
        Matcher name = TABLE.matcher(table.getFileName().toString());
        if (name.matches()) {
          byType
              .computeIfAbsent(name.group(1), type -> new ArrayList<>())
              .add(KnownIds.open(table));
        }
      }
    }
    return new TransferIds(byType);
  }

  /** Whether one of the files holds this resource. */
  boolean holds(String type, String id) {
    return byType.getOrDefault(type, List.of()).stream().anyMatch(ids -> ids.holds(id));
  }
}
