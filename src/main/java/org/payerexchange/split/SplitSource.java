package org.payerexchange.split;

import java.nio.file.Path;
import org.payerexchange.ledger.FileKind;

/**
 * An output file of a shared export, received and checked: each line is a JSON object of its type,
 * or of any.
 *
 * @param resourceType the type, or {@link FileKind#ALL_TYPES}
 * @param path where it lies
 */
public record SplitSource(String resourceType, Path path) {
  /** Whether its lines are of all types. */
  boolean holdsAllTypes() {
    return resourceType.equals(FileKind.ALL_TYPES);
  }
}
