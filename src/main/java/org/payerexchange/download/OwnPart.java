package org.payerexchange.download;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.files.AtomicFiles;
import org.payerexchange.files.PrivateFiles;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.split.Measure;
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
  private static final byte[] FEED = {'\n'};

  private final OwnLines own;

  OwnPart(OwnLines own) {
    this.own = own;
  }

  /**
   * Leaves it out of a part that is whole.
   *
   * @param beat is told how many lines were read; what it throws ends the reading
   * @return the part as it is from now on
   * @throws IOException if it cannot be read or written
   */
  MemberFile of(String resourceType, Path part, LongConsumer beat) throws IOException {
    Path kept = part.resolveSibling(part.getFileName() + ".own");
    Measure measure = new Measure();
    long read = 0;
    try {
      long lines = 0;
      try (NdjsonLines from = new NdjsonLines(Files.newInputStream(part));
          OutputStream to =
              new BufferedOutputStream(Channels.newOutputStream(PrivateFiles.create(kept)))) {
        for (byte[] line = from.next(); line != null; line = from.next()) {
          beat.accept(++read);
          if (!own.isAnothers(JSON.readTree(line))) {
            to.write(line);
            to.write(FEED);
            measure.add(line, line.length);
            measure.add(FEED, 1);
            lines++;
          }
        }
      }
      AtomicFiles.move(kept, part);
      return measure.end(resourceType, part, lines);
    } catch (JsonProcessingException beyondLimits) {
      throw new TransferException(
          FailureReason.FILE_INVALID,
          "line %d is beyond our limits of JSON: whose it is cannot be told".formatted(read),
          beyondLimits);
    } finally {
      Files.deleteIfExists(kept);
    }
  }
}
