package org.payerexchange.http;

import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.SequenceInputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.hc.core5.http.io.EofSensorInputStream;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * An answer's body, unpacked by {@link Gunzip} where it is gzip. Its first byte tells, not its
 * header: files packed at rest come without {@code Content-Encoding}, and some proxies unpack a
 * body and leave the header there. Neither JSON nor NDJSON can begin with that byte; of what can,
 * no more layers are taken off than the header tells.
 *
 * <p>Closing it before its end gives up the connection, where the HTTP client by itself would first
 * read the rest.
 */
final class AnswerBody extends InputStream {
  private static final int BUFFER = 16 * 1024;
  private static final int GZIP = 0x1f;

  /**
   * What begins otherwise is of no use as FHIR: a list or a text is none, and what {@code br} packs
   * often begins with a bracket.
   */
  private static final Pattern JSON =
      Pattern.compile("(?s)(?:\\u00ef\\u00bb\\u00bf)?[ \\t\\r\\n]*(?:\\{[ \\t\\r\\n\"}].*)?");

  private static final int ENOUGH = 5;

  /** A packed file may be packed once more on its way. */
  private static final int MOST_LAYERS = 2;

  /**
   * Of what is unpacked, before its ratio to what came says anything: the first lines may be alike.
   */
  private static final long COUNTED_FROM = 10L * 1024 * 1024;

  /** What a token may take as a part of a tree: about an empty object in a list. */
  private static final int TREE_BYTES = 64;

  private final InputStream raw;
  private final AnswerRoom.Share share;
  private final int maxUnpackRatio;
  private final Duration silence;
  private final ContentCoding told;
  private final boolean ownPacking;
  private InputStream body;
  private boolean packed;
  private boolean ended;
  private long arrived;
  private long unpacked;
  private long readSince;

  /**
   * Wraps what the HTTP client hands over.
   *
   * @param raw null where the answer has no body
   * @param share takes the room that the answer needs if it is read into memory
   * @param maxUnpackRatio how many bytes may be unpacked of each that arrives
   * @param silence how long what arrives may hold nothing, or too little for a piece of it to be
   *     unpacked; the HTTP client sees to it that something arrives
   * @param told what its headers say
   * @param ownPacking whether no more is unpacked than they say, and they alone tell what is packed
   *     in another way
   */
  AnswerBody(
      InputStream raw,
      AnswerRoom.Share share,
      int maxUnpackRatio,
      Duration silence,
      ContentCoding told,
      boolean ownPacking) {
    this.told = told;
    this.ownPacking = ownPacking;
    this.share = share;
    this.maxUnpackRatio = maxUnpackRatio;
    this.silence = silence;
    this.raw = raw == null ? InputStream.nullInputStream() : raw;
  }

  /** How it is packed. */
  ContentCoding coding() {
    readSince = System.nanoTime();
    open();
    return told.shown(packed, told.foreign() != null && !ownPacking && beginsAsJson());
  }

  /** Whether JSON, or nothing, begins so. */
  private boolean beginsAsJson() {
    return JSON.matcher(beginning(text -> text.strip().length() < ENOUGH)).matches();
  }

  /** Whether it is a file in a Binary, rather than the file itself. */
  boolean isWrapped() {
    return WrappedFile.is(beginning(WrappedFile::mayBe));
  }

  /** What it begins with, which is read all the same. */
  private String beginning(Predicate<String> goesOn) {
    readSince = System.nanoTime();
    InputStream rest = open();
    ByteArrayOutputStream came = new ByteArrayOutputStream();
    IOException brokeOff = null;
    try {
      byte[] some = new byte[WrappedFile.LOOK];
      int n = 0;
      while (n >= 0
          && came.size() < WrappedFile.LOOK
          && goesOn.test(came.toString(StandardCharsets.ISO_8859_1))
          && System.nanoTime() - readSince < silence.toNanos()) {
        n = rest.read(some, 0, WrappedFile.LOOK - came.size());
        came.write(some, 0, Math.max(n, 0));
      }
    } catch (IOException broken) {
      brokeOff = broken;
    }
    body =
        new SequenceInputStream(
            new ByteArrayInputStream(came.toByteArray()),
            brokeOff == null ? rest : new Broken(brokeOff));
    return came.toString(StandardCharsets.ISO_8859_1);
  }

  /** What breaks meanwhile is told to who reads it. */
  private InputStream open() {
    if (body == null) {
      try {
        body = unpacked();
      } catch (IOException broken) {
        body = new Broken(broken);
      }
    }
    return body;
  }

  private InputStream unpacked() throws IOException {
    InputStream layer = new Arriving(raw);
    int mostLayers = ownPacking ? Math.min(told.gzips(), MOST_LAYERS) : MOST_LAYERS;
    for (int layers = 0; ; layers++) {
      PushbackInputStream start = new PushbackInputStream(layer);
      int first = start.read();
      if (first >= 0) {
        start.unread(first);
      }
      if (first != GZIP || layers == mostLayers) {
        return start;
      }
      packed = true;
      layer = new Gunzip(start);
    }
  }

  /**
   * Reads all of it. What is JSON is checked to be within its bounds, so that whoever parses it
   * needs none.
   *
   * @throws TransferException {@link FailureReason#TOO_LARGE} if it is longer than {@code maxBytes}
   *     or beyond the bounds of JSON, {@link FailureReason#PAYER_UNAVAILABLE} if it takes longer
   *     than {@code timeout}
   */
  byte[] readWhole(int maxBytes, Duration timeout, Clock clock) throws IOException {
    Instant deadline = clock.instant().plus(timeout);
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    byte[] buffer = new byte[BUFFER];
    try (this) {
      for (int n = read(buffer); n >= 0; n = read(buffer)) {
        if (n > maxBytes - whole.size()) {
          throw new TransferException(
              FailureReason.TOO_LARGE,
              "the answer is longer than %s bytes (p2p.http.max-answer-bytes)".formatted(maxBytes));
        }
        share.take(n);
        whole.write(buffer, 0, n);
        if (clock.instant().isAfter(deadline)) {
          throw new TransferException(
              FailureReason.PAYER_UNAVAILABLE,
              "the answer did not end within %s".formatted(timeout));
        }
      }
    }
    byte[] answer = whole.toByteArray();
    try {
      share.take(TREE_BYTES * JsonLimits.tokens(answer));
    } catch (StreamConstraintsException tooMuch) {
      throw new TransferException(
          FailureReason.TOO_LARGE,
          "the answer is nested too deep, or has too many or too long JSON tokens");
    }
    return answer;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    readSince = System.nanoTime();
    int n = open().read(buffer, offset, length);
    ended |= n < 0;
    if (packed) {
      boundRatio(Math.max(n, 0));
    }
    return n;
  }

  private void boundRatio(int bytes) {
    unpacked += bytes;
    if (unpacked > COUNTED_FROM && unpacked / maxUnpackRatio > arrived) {
      throw new TransferException(
          FailureReason.TOO_LARGE,
          "the answer unpacks to more than %s times its size (p2p.download.max-unpack-ratio)"
              .formatted(maxUnpackRatio));
    }
  }

  @Override
  public void close() throws IOException {
    if (!ended && raw instanceof EofSensorInputStream connection) {
      ended = true;
      connection.abort();
    }
    raw.close();
  }

  /** Where a connection has broken already. */
  private static final class Broken extends InputStream {
    private final IOException why;

    Broken(IOException why) {
      this.why = why;
    }

    @Override
    public int read() throws IOException {
      throw why;
    }

    /** The one of {@link InputStream} lets the first byte alone throw. */
    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      throw why;
    }
  }

  /** Counts what arrives, and for how long a reader has waited for what it holds. */
  private final class Arriving extends CountedStream {
    Arriving(InputStream raw) {
      super(raw);
    }

    @Override
    protected void count(int bytes) throws SocketTimeoutException {
      arrived += bytes;
      if (packed && bytes > 0 && System.nanoTime() - readSince > silence.toNanos()) {
        throw new SocketTimeoutException(
            "what came within %s unpacks to nothing".formatted(silence));
      }
    }
  }
}
