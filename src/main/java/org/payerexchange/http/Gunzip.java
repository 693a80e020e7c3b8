package org.payerexchange.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * What a gzip stream (RFC 1952) holds, read to its very end: all its members, and nothing behind
 * the last; one that ends early is an {@link IOException}. {@link java.util.zip.GZIPInputStream}
 * takes the first member for the last where the rest has not arrived yet, and what follows the last
 * for nothing.
 */
public final class Gunzip extends FilterInputStream {
  private static final int PIECE = 16 * 1024;

  /** Headers without end, or empty members, would hold a reader up for ever. */
  private static final int MOST_FOR_NOTHING = 1024 * 1024;

  private final Fed fed;

  /**
   * Unpacks.
   *
   * @throws IOException if it is not gzip
   */
  public Gunzip(InputStream packed) throws IOException {
    this(new Fed(packed));
  }

  private Gunzip(Fed fed) throws IOException {
    super(
        GzipCompressorInputStream.builder()
            .setInputStream(fed)
            .setDecompressConcatenated(true)
            .get());
    this.fed = fed;
  }

  @Override
  public int read() throws IOException {
    fed.bytes = 0;
    return super.read();
  }

  /** Reads a small piece: the unpacking stream waits until a piece is full. */
  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    fed.bytes = 0;
    return super.read(buffer, offset, Math.min(length, PIECE));
  }

  /** Counts what the unpacking stream takes in until something comes out of it. */
  private static final class Fed extends CountedStream {
    private int bytes;

    Fed(InputStream packed) {
      super(packed);
    }

    @Override
    protected void count(int read) throws IOException {
      bytes += read;
      if (bytes > MOST_FOR_NOTHING) {
        throw new IOException("%s bytes of gzip hold nothing".formatted(bytes));
      }
    }
  }
}
