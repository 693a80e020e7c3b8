package org.payerexchange.delivery.fhir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.files.AtomicFiles;
import org.payerexchange.files.FileHash;
import org.payerexchange.files.HashTable;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferReport.ReportedFile;

/**
 * The resources that a transfer's output files hold, and the newest version of each: a table in a
 * file of the work directory, {@code .<hash of their contents>.ids}, which stays when the files
 * themselves are taken away.
 */
final class TransferIds {
  private static final int HASH_DIGITS = 16;
  private static final int NUMBER = 0;
  private static final int UPDATED = 1;
  private static final int COLUMNS = 2;

  private final HashTable table;
  private final List<String> types;

  private TransferIds(HashTable table, List<String> types) {
    this.table = table;
    this.types = types;
  }

  /**
   * Opens the table of a transfer, and writes it if it is missing.
   *
   * @param from the folder of its files
   * @param to the folder of the table
   * @param files puts it there
   * @throws IOException if they cannot be used
   */
  static TransferIds of(TransferReport transfer, Path from, Path to, AtomicFiles files)
      throws IOException {
    List<ReportedFile> reported = files(transfer);
    Path table = table(to, transfer);
    if (!Files.exists(table)) {
      HashTable ids = write(AtomicFiles.unfinished(table), reported, from);
      if (files.areForced()) {
        ids.flush();
      }
      files.publish(AtomicFiles.unfinished(table), table, () -> {});
    }
    return new TransferIds(
        HashTable.open(table, COLUMNS),
        reported.stream().map(ReportedFile::resourceType).distinct().toList());
  }

  /** The files whose resources count. */
  static List<ReportedFile> files(TransferReport transfer) {
    return transfer.files().stream()
        .filter(file -> file.holdsResources() && file.isStored())
        .toList();
  }

  /** Where the table of a transfer lies, or will. */
  static Path table(Path folder, TransferReport transfer) {
    String contents =
        files(transfer).stream()
            .map(file -> file.resourceType() + file.sha256())
            .sorted()
            .collect(Collectors.joining());
    return folder.resolve("." + FileHash.sha256(contents).substring(0, HASH_DIGITS) + ".ids");
  }

  private static HashTable write(Path table, List<ReportedFile> files, Path from)
      throws IOException {
    long resources = files.stream().mapToLong(ReportedFile::resources).sum();
    HashTable ids = HashTable.create(table, resources, COLUMNS);
    for (ReportedFile file : files) {
      try (NdjsonLines lines = new NdjsonLines(Files.newInputStream(from.resolve(file.name())))) {
        for (byte[] line = lines.next(); line != null; line = lines.next()) {
          LineHead.of(line).ifPresent(head -> add(ids, file.resourceType(), head));
        }
      }
    }
    return ids;
  }

  private static void add(HashTable ids, String type, LineHead head) {
    int at = ids.find(key(type, head.id()));
    if (at < 0 || version(ids, at).isOlderThan(head.version())) {
      int place = ids.add(key(type, head.id()));
      ids.number(place, NUMBER, head.version().number());
      ids.number(place, UPDATED, head.version().updated());
    }
  }

  private static ResourceVersion version(HashTable ids, int at) {
    return new ResourceVersion(ids.number(at, NUMBER), ids.number(at, UPDATED));
  }

  private static String key(String type, String id) {
    return type + "/" + id;
  }

  /** Whether one of the files holds this resource. */
  boolean holds(String type, String id) {
    return table.find(key(type, id)) >= 0;
  }

  /** The type of the one resource of this id; empty if there is none, or more than one. */
  Optional<String> typeOf(String id) {
    List<String> holding = types.stream().filter(type -> holds(type, id)).toList();
    return holding.size() == 1 ? Optional.of(holding.get(0)) : Optional.empty();
  }

  /** Whether the files hold a newer version of a resource. */
  boolean isOld(String type, String id, ResourceVersion version) {
    int at = table.find(key(type, id));
    return at >= 0 && version.isOlderThan(version(table, at));
  }
}
