package org.payerexchange.download;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.ledger.Attachment;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * An attachment that came whole, on its way to what it becomes: its content is taken out of the
 * Binary that a FHIR server may answer with (FHIR R4, Binary), compared with what its resource
 * tells, and made a line if it is small.
 */
final class ReceivedAttachment {
  private static final Pattern FHIR_JSON =
      Pattern.compile("(?i)application/(fhir\\+json|json\\+fhir)\\b.*");
  private static final int SHA1_BYTES = 20;

  private final Attachment attachment;
  private final Function<FileChannel, WritableByteChannel> writer;
  private final List<String> warnings = new ArrayList<>();

  /**
   * Prepares it.
   *
   * @param writer writes into a part file
   */
  ReceivedAttachment(Attachment attachment, Function<FileChannel, WritableByteChannel> writer) {
    this.attachment = attachment;
    this.writer = writer;
  }

  /** What is to be known of it, without PHI. */
  List<String> warnings() {
    return warnings;
  }

  /**
   * Takes the content out of a Binary resource.
   *
   * @param contentType of the answer
   * @return whether it was one; else the content is what came
   * @throws IOException if the outbox cannot be used
   */
  boolean unwrap(Path came, String contentType, PartialFile to) throws IOException {
    boolean wanted =
        attachment.contentType() != null && FHIR_JSON.matcher(attachment.contentType()).matches();
    return !wanted && FHIR_JSON.matcher(contentType).matches() && isData(came, to);
  }

  /** No string of it is held. */
  private boolean isData(Path came, PartialFile to) throws IOException {
    boolean binary = false;
    boolean data = false;
    try (FileChannel channel = to.open();
        OutputStream out = Channels.newOutputStream(writer.apply(channel.truncate(0)));
        InputStream in = Files.newInputStream(came);
        JsonParser json = JsonLimits.mapper().createParser(in)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        if (name.equals("resourceType")) {
          binary = "Binary".equals(json.getValueAsString());
        } else if (name.equals("data") && !data) {
          json.readBinaryValue(out);
          data = true;
        } else {
          json.skipChildren();
        }
      }
      return binary && data;
    } catch (JsonProcessingException other) {
      return false;
    }
  }

  /**
   * Compares size and hash (SHA-1) with what the resource tells.
   *
   * @throws TransferException {@link FailureReason#FILE_INVALID} if they differ
   * @throws IOException if it cannot be read
   */
  void check(Path content) throws IOException {
    long size = Files.size(content);
    if (attachment.size() != null && attachment.size() != size) {
      throw new TransferException(
          FailureReason.FILE_INVALID,
          "%s bytes are announced, %s arrived".formatted(attachment.size(), size));
    }
    if (attachment.hash() == null) {
      return;
    }
    byte[] announced = decoded(attachment.hash());
    if (announced.length != SHA1_BYTES) {
      warnings.add("its announced hash is no SHA-1 in Base64, and was not compared");
    } else if (!Arrays.equals(announced, sha1(content))) {
      throw new TransferException(
          FailureReason.FILE_INVALID, "its content has another hash than is announced");
    }
  }

  private static byte[] decoded(String hash) {
    try {
      return Base64.getDecoder().decode(hash);
    } catch (IllegalArgumentException other) {
      return new byte[0];
    }
  }

  private static byte[] sha1(Path content) throws IOException {
    try (InputStream in = Files.newInputStream(content)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      byte[] buffer = new byte[32 * 1024];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JVM has SHA-1", impossible);
    }
  }

  /**
   * Makes it a Binary.
   *
   * @param id the Binary's
   * @throws IOException if the outbox cannot be used
   */
  void writeLine(String id, Path content, PartialFile to) throws IOException {
    ObjectNode line = JsonLimits.mapper().createObjectNode();
    line.put("resourceType", Attachment.LINE)
        .put("id", id)
        .put(
            "contentType",
            attachment.contentType() == null
                ? "application/octet-stream"
                : attachment.contentType())
        .put("data", Base64.getEncoder().encodeToString(Files.readAllBytes(content)));
    try (FileChannel channel = to.open();
        OutputStream out = Channels.newOutputStream(writer.apply(channel.truncate(0)))) {
      out.write(JsonLimits.mapper().writeValueAsBytes(line));
      out.write('\n');
    }
  }
}
