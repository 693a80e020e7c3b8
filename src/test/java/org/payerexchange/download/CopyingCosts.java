package org.payerexchange.download;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.payerexchange.files.FileHash;
import org.payerexchange.files.PrivateFiles;
import org.payerexchange.http.PayerHttpClient;
import org.payerexchange.http.PeerConnection;

/**
 * What a download is made of, each part alone and one file after the other: CPU time of one thread,
 * in seconds. The bundle does all of it in one pass.
 */
public final class CopyingCosts {
  private static final int BUFFER = 256 * 1024;
  private static final int PIECE = 64 * 1024 * 1024;

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final Path scratch;
  private long copying;
  private long hashing;
  private long checking;

  /**
   * Starts with nothing.
   *
   * @param folder where copies are written, which are deleted again
   */
  public CopyingCosts(Path folder) {
    this.scratch = folder.resolve("copy");
  }

  /** Adds what one output file costs. */
  public void of(URI url, String token) throws IOException {
    try {
      copy(url, token);
      hashAndCheck();
    } finally {
      Files.deleteIfExists(scratch);
    }
  }

  /** Fetches a file to disk, by the client of the bundle, and does nothing else with it. */
  private void copy(URI url, String token) throws IOException {
    byte[] buffer = new byte[BUFFER];
    try (CloseableHttpClient client =
        PayerHttpClient.create(
            PeerConnection.ORDINARY,
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            1,
            "copy",
            new SimpleMeterRegistry())) {
      HttpGet request = new HttpGet(url);
      request.setHeader("Authorization", "Bearer " + token);
      long start = threads.getCurrentThreadCpuTime();
      client.execute(
          request,
          answer -> {
            try (InputStream from = answer.getEntity().getContent();
                FileChannel to = PrivateFiles.create(scratch)) {
              int read;
              while ((read = from.readNBytes(buffer, 0, BUFFER / 2)) > 0) {
                FileCopy.write(buffer, 0, read, to);
              }
            }
            return null;
          });
      copying += threads.getCurrentThreadCpuTime() - start;
    }
  }

  /** Hashes the file, and checks each of its lines; the reading is not counted. */
  private void hashAndCheck() throws IOException {
    ResourceScanner scanner = new ResourceScanner(resourceType());
    MessageDigest digest = FileHash.digest();
    byte[] piece = new byte[PIECE + ResourceScanner.SLACK];
    int kept = 0;
    try (InputStream from = Files.newInputStream(scratch)) {
      int read;
      while ((read = from.readNBytes(piece, kept, PIECE - kept)) > 0) {
        long start = threads.getCurrentThreadCpuTime();
        digest.update(piece, kept, read);
        hashing += threads.getCurrentThreadCpuTime() - start;
        int filled = kept + read;
        int end = filled;
        while (piece[end - 1] != '\n') {
          end--;
        }
        start = threads.getCurrentThreadCpuTime();
        for (int at = 0; at < end; at = scanner.end()) {
          if (scanner.check(piece, at) != ResourceScanner.Verdict.RESOURCE) {
            throw new IOException("the file has a bad line");
          }
        }
        checking += threads.getCurrentThreadCpuTime() - start;
        kept = filled - end;
        System.arraycopy(piece, end, piece, 0, kept);
      }
    }
  }

  private String resourceType() throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(scratch)) {
      return new ObjectMapper().readTree(lines.readLine()).path("resourceType").asText();
    }
  }

  /** From the socket to the file. */
  public double copying() {
    return copying / 1e9;
  }

  /** SHA-256. */
  public double hashing() {
    return hashing / 1e9;
  }

  /** Every line's JSON and its resourceType. */
  public double checking() {
    return checking / 1e9;
  }
}
