package org.payerexchange.ledger;

import java.util.Collection;
import java.util.Optional;
import org.payerexchange.step.Stage;

/** The kinds of export jobs. The names are stored, so that they never change. */
public enum JobKind {
  /** The export of one transfer. */
  EXPORT,
  /**
   * The export of one transfer, whose files hold resources of all types: once they are there it is
   * split by type, and is an EXPORT from then on.
   */
  MIXED,
  /** The match job of a batch. */
  MATCH,
  /** A batch's export for several members. */
  SHARED,
  /** One member's part of a shared export: it has no steps of its own. */
  MEMBER,
  /** The data of one transfer, read page by page, or by an export if the payer says that it can. */
  PAGES;

  /** What it is of, as a log line calls that. */
  String subject() {
    return this == MATCH || this == SHARED ? "batch" : "transfer";
  }

  /** Whether it is the export of one transfer. */
  public boolean isExportOfOne() {
    return this == EXPORT || this == MIXED;
  }

  /**
   * Ends a condition on its files in SQL: those that the payer's manifest names, apart from what an
   * earlier split has made of them, which the next one writes over.
   */
  public String named() {
    return this == MIXED ? "AND url <> ''" : "";
  }

  /** What is to be split once all files are there. */
  public Optional<Stage> splits() {
    return switch (this) {
      case SHARED -> Optional.of(Stage.SPLIT);
      case MIXED -> Optional.of(Stage.SPLIT_TYPES);
      default -> Optional.empty();
    };
  }

  /** The kind of a job by the files that its manifest names. */
  public JobKind with(Collection<NewFile> files) {
    if (files.isEmpty() || !isExportOfOne()) {
      return this;
    }
    return files.stream().anyMatch(NewFile::holdsAllTypes) ? MIXED : EXPORT;
  }

  /** The step that such a job begins with. */
  public Stage begins() {
    return this == PAGES ? Stage.RETRIEVE : Stage.EXPORT_KICKOFF;
  }
}
