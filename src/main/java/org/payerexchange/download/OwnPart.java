package org.payerexchange.download;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.files.AtomicFiles;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.split.LineType;
import org.payerexchange.split.MeasuredLines;
import org.payerexchange.split.MemberFile;
import org.payerexchange.split.OwnLines;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * Leaves out of a file what is another Patient's: payers exist that export everybody, whomever they
 * are asked for.
 */
final class OwnPart {
  private static final JsonMapper JSON = JsonLimits.resources(Long.MAX_VALUE).build();

  private final OwnLines own;

  OwnPart(OwnLines own) {
    this.own = own;
  }

  /**
   * Leaves it out of a part that is whole.
   *
   * @param beat is run for each line; what it throws ends the reading
   * @return the part as it is from now on
   * @throws TransferException {@link FailureReason#FILE_INVALID} for a line of which it cannot be
   *     told whose it is
   * @throws IOException if it cannot be read or written
   */
  MemberFile of(String resourceType, Path part, Runnable beat) throws IOException {
    Path kept = part.resolveSibling(part.getFileName() + ".own");
    try {
      MeasuredLines lines = new MeasuredLines(kept);
      try (lines) {
        copy(part, resourceType.equals(FileKind.ALL_TYPES), lines, beat);
      }
      AtomicFiles.move(kept, part);
      MemberFile written = lines.end(resourceType);
      return new MemberFile(resourceType, part, written.lines(), written.bytes(), written.sha256());
    } finally {
      Files.deleteIfExists(kept);
    }
  }

  private void copy(Path part, boolean allTypes, MeasuredLines to, Runnable beat)
      throws IOException {
    long read = 0;
    try (NdjsonLines from = new NdjsonLines(Files.newInputStream(part))) {
      for (byte[] line = from.next(); line != null; line = from.next()) {
        beat.run();
        read++;
        JsonNode resource = JSON.readTree(line);
        boolean header = allTypes && LineType.isHeader(resource.path("resourceType").asText());
        if (!header && !own.isAnothers(resource)) {
          to.add(line);
        }
      }
    } catch (JsonProcessingException beyondLimits) {
      throw new TransferException(
          FailureReason.FILE_INVALID,
          "line %s is beyond our limits of JSON: whose it is cannot be told".formatted(read),
          beyondLimits);
    }
  }
}
