package org.payerexchange.delivery.fhir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.payerexchange.files.PrivateFiles;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * Remembers in the work directory which resource a transfer's Provenance is to point to: the
 * member's Patient, or without one the first that was sent. Not thread-safe.
 */
final class ProvenanceTarget {
  private final Path note;
  private boolean noted;
  private boolean member;

  ProvenanceTarget(Path note) {
    this.note = note;
    this.noted = Files.exists(note);
  }

  /**
   * Remembers a resource, the member's Patient rather than any other.
   *
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} if the work directory cannot
   *     be written
   */
  void offer(String url, boolean isMember) {
    if (!noted || (isMember && !member)) {
      try {
        note(url);
      } catch (IOException full) {
        throw FhirDelivery.workDirectory(full);
      }
      noted = true;
      member = isMember;
    }
  }

  private void note(String url) throws IOException {
    Path unfinished = note.resolveSibling(note.getFileName() + ".part");
    try (FileChannel channel = PrivateFiles.create(unfinished)) {
      channel.write(ByteBuffer.wrap(url.getBytes(StandardCharsets.UTF_8)));
    }
    Files.move(
        unfinished, note, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** What was remembered. */
  Optional<String> url() throws IOException {
    return Files.exists(note) ? Optional.of(Files.readString(note)) : Optional.empty();
  }
}
