package org.payerexchange.export;

import java.net.URI;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * A manifest as far as it was read. Payers may give a long one in pages, asked for or not (FHIR
 * Bulk Data Access 3, "Response - Output Manifest", {@code link}); a file that a page names is lost
 * if the page is not read.
 *
 * @param manifest all pages that were read
 * @param asked where pages were asked for
 * @param next where the next page is, null if there is none
 * @param waits whether the next page is not ready yet
 * @param filesUntil until when the payer keeps the files, by our clock; null where it does not say
 */
public record ManifestPages(
    ExportManifest manifest, Set<URI> asked, URI next, boolean waits, Instant filesUntil) {
  /** A payer that names more leads nowhere. */
  private static final int MOST = 1000;

  /** Keeps a copy. */
  public ManifestPages {
    asked = Set.copyOf(asked);
  }

  /**
   * The first page.
   *
   * @param asked where it was asked for
   */
  static ManifestPages first(ExportManifest manifest, URI asked, URI next, Instant filesUntil) {
    return new ManifestPages(manifest, Set.of(asked), next, false, filesUntil);
  }

  /** Whether the next page is to be asked for now. */
  public boolean isOpen() {
    return next != null && !waits;
  }

  /** Whether all pages were read. */
  public boolean isWhole() {
    return next == null;
  }

  /**
   * With the next page.
   *
   * @param after where the page behind it is, null if there is none
   * @param maxFiles how many files all pages may name
   * @throws TransferException {@link FailureReason#BAD_ANSWER} if that was read already, {@link
   *     FailureReason#TOO_LARGE} if there are too many files or pages
   */
  ManifestPages and(ExportManifest page, URI after, int maxFiles) {
    Set<URI> all = new HashSet<>(asked);
    all.add(next);
    if (after != null && all.contains(after)) {
      throw new TransferException(
          FailureReason.BAD_ANSWER, "a page of the manifest leads back to one before it");
    }
    ExportManifest read = manifest.and(page);
    if (read.files().size() > maxFiles || all.size() >= MOST) {
      throw new TransferException(
          FailureReason.TOO_LARGE,
          "the manifest has more files than p2p.export.max-files (%s), or more than %s pages"
              .formatted(maxFiles, MOST));
    }
    return new ManifestPages(read, all, after, false, filesUntil);
  }

  /** To be read anew, from its first page on, once the next one is ready. */
  ManifestPages later() {
    return new ManifestPages(manifest, asked, next, true, filesUntil);
  }

  /**
   * What was read, as all that there is.
   *
   * @param why in words for the operator
   */
  ManifestPages withoutNext(String why) {
    return new ManifestPages(manifest.withoutNext(why), asked, null, false, filesUntil);
  }

  /** Not the URLs. */
  @Override
  public String toString() {
    return "ManifestPages[%s read]".formatted(asked.size());
  }
}
