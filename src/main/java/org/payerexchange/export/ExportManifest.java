package org.payerexchange.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.payerexchange.dialect.JobReport;
import org.payerexchange.dialect.JobWord;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * What a finished export has to offer, or a page of it: the standard's manifest (FHIR Bulk Data
 * Access 2 to 4, "Response - Output Manifest") and what the gateway adds to it. Fields that are not
 * named here are ignored.
 *
 * @param transactionTime the moment that the data is as of, as the payer wrote it, null if not said
 * @param resourceCount how many resources all output files hold together, null if not said
 * @param files the files of {@code output}, then {@code error}, then {@code deleted}, each list in
 *     the payer's order; of {@code outputOrganizedBy} those of {@code output} are of all types
 * @param warnings what the payer left out, in words for the operator
 * @param next where the payer says that the next page is, null if there is none
 */
public record ExportManifest(
    String transactionTime,
    Long resourceCount,
    List<ManifestFile> files,
    List<String> warnings,
    String next) {

  private static final int LONGEST_TIMESTAMP = 64;

  /** Keeps copies; a file that is named twice is one. */
  public ExportManifest {
    files = List.copyOf(new LinkedHashSet<>(files));
    warnings = List.copyOf(new LinkedHashSet<>(warnings));
  }

  /**
   * Reads a manifest.
   *
   * @param manifest the body of an answer that {@link JobStatus} calls {@code SUCCESSFUL}
   * @param report what the gateway says of the job in it
   * @throws TransferException {@link FailureReason#BAD_ANSWER} if a list is no list, an output file
   *     has no URL, or there is no output although resources are announced
   */
  public static ExportManifest of(StatusAnswer manifest, JobReport report) {
    Boolean token = truth(manifest.path("requiresAccessToken"));
    Long resourceCount = report.resourceCount();
    List<ManifestFile> files = new ArrayList<>();
    List<String> warnings = new ArrayList<>();

    Optional<List<StatusAnswer.Entry>> output = list(manifest, FileKind.OUTPUT, "output");
    if (output.isEmpty() && resourceCount != null && resourceCount > 0) {
      throw bad("announces resources and has no output");
    }
    boolean organized = text(manifest.said(), "outputOrganizedBy") != null;
    for (StatusAnswer.Entry entry : output.orElse(List.of())) {
      if (entry.url() == null) {
        throw bad("has an output without a url");
      }
      files.add(
          organized
              // headers may be counted or not
              ? new ManifestFile(FileKind.OUTPUT, FileKind.ALL_TYPES, entry.url(), token, null)
              : file(FileKind.OUTPUT, entry, entry.type(), token));
    }
    int withoutUrl =
        addSideFiles(
                files,
                FileKind.ERROR,
                list(manifest, FileKind.ERROR, "error"),
                "OperationOutcome",
                token)
            + addSideFiles(
                files,
                FileKind.DELETED,
                list(manifest, FileKind.DELETED, "deleted"),
                "Bundle",
                token);

    if (output.isEmpty() && resourceCount == null) {
      warnings.add("the manifest says nothing of output files");
    }
    if (report.word() != JobWord.NONE && report.word() != JobWord.FINISHED) {
      warnings.add(
          "the payer's status does not say that the job has ended; the files that it named were taken");
    }
    long errorFiles = files.stream().filter(file -> file.kind() == FileKind.ERROR).count();
    report
        .batches()
        .filter(batches -> batches.failed() > 0)
        .map(
            batches ->
                "partial result: %s of %s batches failed at the payer"
                    .formatted(batches.failed(), batches.total()))
        .ifPresent(warnings::add);
    if (errorFiles > 0) {
      warnings.add("the payer reports errors in %s file(s)".formatted(errorFiles));
    }
    if (withoutUrl > 0) {
      warnings.add("%s entries of error or deleted name no file".formatted(withoutUrl));
    }
    return new ExportManifest(
        timestamp(manifest.said(), "transactionTime"),
        resourceCount,
        files,
        warnings,
        next(manifest));
  }

  /** With other URLs of its files. */
  ExportManifest with(UnaryOperator<String> urls) {
    return new ExportManifest(
        transactionTime,
        resourceCount,
        files.stream().map(file -> file.at(urls.apply(file.url()))).toList(),
        warnings,
        next);
  }

  /** This and its next page: but for files and their like, all pages say the same. */
  ExportManifest and(ExportManifest page) {
    return new ExportManifest(
        transactionTime,
        resourceCount,
        Stream.concat(files.stream(), page.files.stream()).toList(),
        Stream.concat(warnings.stream(), page.warnings.stream()).toList(),
        page.next);
  }

  /**
   * This as all that there is.
   *
   * @param why its next page is left out
   */
  ExportManifest withoutNext(String why) {
    return new ExportManifest(
        transactionTime,
        resourceCount,
        files,
        Stream.concat(warnings.stream(), Stream.of(why)).toList(),
        null);
  }

  private static int addSideFiles(
      List<ManifestFile> files,
      FileKind kind,
      Optional<List<StatusAnswer.Entry>> entries,
      String usual,
      Boolean token) {
    int withoutUrl = 0;
    for (StatusAnswer.Entry entry : entries.orElse(List.of())) {
      if (entry.url() == null) {
        withoutUrl++;
      } else {
        files.add(file(kind, entry, Optional.ofNullable(entry.type()).orElse(usual), token));
      }
    }
    return withoutUrl;
  }

  private static ManifestFile file(
      FileKind kind, StatusAnswer.Entry entry, String type, Boolean token) {
    return new ManifestFile(kind, type, entry.url(), token, entry.count());
  }

  private static Optional<List<StatusAnswer.Entry>> list(
      StatusAnswer manifest, FileKind kind, String name) {
    JsonNode other = manifest.path(name);
    if (!other.isNull() && !other.isMissingNode()) {
      throw bad("has something other than a list under " + name);
    }
    return manifest.files(kind);
  }

  private static String next(StatusAnswer manifest) {
    for (JsonNode link : manifest.path("link")) {
      if ("next".equals(text(link, "relation"))) {
        return Optional.ofNullable(text(link, "url"))
            .orElseThrow(() -> bad("has a next page without a url"));
      }
    }
    return null;
  }

  private static String text(JsonNode parent, String name) {
    String text = parent.path(name).asText("");
    return text.isBlank() ? null : text;
  }

  private static String timestamp(JsonNode parent, String name) {
    String text = text(parent, name);
    return text == null || text.length() > LONGEST_TIMESTAMP ? null : text;
  }

  /** Some payers write it as text. */
  private static Boolean truth(JsonNode node) {
    return switch (node.asText("").strip().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> null;
    };
  }

  private static TransferException bad(String what) {
    return new TransferException(FailureReason.BAD_ANSWER, "the manifest " + what);
  }
}
