package org.payerexchange.delivery.fhir;

import static java.util.stream.Collectors.groupingBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.payerexchange.files.FileHash;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferReport.ReportedFile;

/**
 * The ids that a transfer's output files hold, by type, and which versions of a resource that came
 * more than once are old. Their tables lie in the work directory, {@code .<file>.<hash>.known-ids}
 * and {@code .<type>.<hash>.newest}, and stay when the files themselves are taken away.
 */
final class TransferIds {
  private static final int HASH_DIGITS = 16;

  private final Map<String, List<KnownIds>> byType = new HashMap<>();
  private final Map<String, KnownVersions> versions = new HashMap<>();

  private TransferIds() {}

  /**
   * Opens the tables of a transfer, and writes those that are missing.
   *
   * @param from the folder of its files
   * @param to the folder of the tables
   * @throws IOException if they cannot be used
   */
  static TransferIds of(TransferReport transfer, Path from, Path to) throws IOException {
    TransferIds ids = new TransferIds();
    Map<String, List<ReportedFile>> files =
        files(transfer).stream().collect(groupingBy(ReportedFile::resourceType));
    for (Map.Entry<String, List<ReportedFile>> type : files.entrySet()) {
      ids.add(type.getKey(), type.getValue(), from, to);
    }
    return ids;
  }

  /** The files whose resources count. */
  static List<ReportedFile> files(TransferReport transfer) {
    return transfer.files().stream()
        .filter(file -> file.kind() == FileKind.OUTPUT && file.isStored())
        .toList();
  }

  /** Where the ids of a file lie, or will. */
  static Path table(Path folder, ReportedFile file) {
    return folder.resolve(".%s.%s.known-ids".formatted(file.name(), digits(file.sha256())));
  }

  /** A table appears only once the versions of what came twice are written down. */
  private void add(String type, List<ReportedFile> files, Path from, Path to) throws IOException {
    List<KnownIds> tables = byType.computeIfAbsent(type, key -> new ArrayList<>());
    Map<Path, Path> written = new LinkedHashMap<>();
    boolean twice = false;
    for (ReportedFile file : files) {
      Path source = from.resolve(file.name());
      Path table = table(to, file);
      Path unfinished = unfinished(table);
      if (Files.exists(table)) {
        tables.add(KnownIds.open(table));
      } else if (Files.exists(source)) {
        twice |= KnownIds.write(unfinished, Files.newInputStream(source), file.resources(), tables);
        tables.add(KnownIds.open(unfinished));
        written.put(unfinished, table);
      }
    }
    Path table = to.resolve(".%s.%s.newest".formatted(type, digits(hashes(files))));
    if (twice) {
      writeVersions(table, files, from);
    }
    for (Map.Entry<Path, Path> each : written.entrySet()) {
      Files.move(each.getKey(), each.getValue(), StandardCopyOption.ATOMIC_MOVE);
    }
    if (Files.exists(table)) {
      versions.put(type, KnownVersions.open(table));
    }
  }

  private static void writeVersions(Path table, List<ReportedFile> files, Path from)
      throws IOException {
    long resources = files.stream().mapToLong(ReportedFile::resources).sum();
    KnownVersions newest = KnownVersions.create(unfinished(table), resources);
    for (ReportedFile file : files) {
      Path source = from.resolve(file.name());
      if (Files.exists(source)) {
        newest.add(Files.newInputStream(source));
      }
    }
    Files.move(
        unfinished(table),
        table,
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static Path unfinished(Path table) {
    return table.resolveSibling(table.getFileName() + ".part");
  }

  private static String hashes(List<ReportedFile> files) {
    return FileHash.sha256(
        files.stream().map(ReportedFile::sha256).sorted().collect(Collectors.joining()));
  }

  private static String digits(String hash) {
    return hash.substring(0, HASH_DIGITS);
  }

  /** Whether one of the files holds this resource. */
  boolean holds(String type, String id) {
    return byType.getOrDefault(type, List.of()).stream().anyMatch(ids -> ids.holds(id));
  }

  /** The type of the one resource of this id; empty if there is none, or more than one. */
  Optional<String> typeOf(String id) {
    List<String> types = byType.keySet().stream().filter(type -> holds(type, id)).toList();
    return types.size() == 1 ? Optional.of(types.get(0)) : Optional.empty();
  }

  /** Whether the files hold a newer version of a resource. */
  boolean isOld(String type, String id, ResourceVersion version) {
    KnownVersions newest = versions.get(type);
    return newest != null && newest.isOld(id, version);
  }
}
