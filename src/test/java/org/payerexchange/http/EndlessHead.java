package org.payerexchange.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A server whose answer's head goes on until the client or the test has had enough. */
final class EndlessHead implements AutoCloseable {
  private final ServerSocket server;
  private final CountDownLatch over = new CountDownLatch(1);
  private final AtomicLong sent = new AtomicLong();
  private final CompletableFuture<Void> answer;

  private EndlessHead(ServerSocket server, String piece, Duration pause) {
    this.server = server;
    this.answer = CompletableFuture.runAsync(() -> answer(piece.getBytes(US_ASCII), pause));
  }

  static EndlessHead of(String piece, Duration pause) throws IOException {
    return new EndlessHead(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()), piece, pause);
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort() + "/");
  }

  /** Bytes that left so far. */
  long sent() {
    return sent.get();
  }

  private void answer(byte[] piece, Duration pause) {
    try (Socket client = server.accept()) {
      OutputStream out = client.getOutputStream();
      out.write("HTTP/1.1 200 OK\r\nx: ".getBytes(US_ASCII));
      while (!over.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        out.write(piece);
        sent.addAndGet(piece.length);
      }
    } catch (IOException closed) {
      // the client has had enough
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    over.countDown();
    server.close();
    answer.join();
  }
}
