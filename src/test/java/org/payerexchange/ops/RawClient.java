package org.payerexchange.ops;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;

/** A connection to an ops port that sends what no HTTP client would, and reads what comes. */
final class RawClient implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 60_000;

  private final Socket socket;

  RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
  }

  RawClient send(String text) throws IOException {
    return send(text.getBytes(ISO_8859_1));
  }

  RawClient send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  /** Sends these bytes again and again, until so many are sent or the server takes no more. */
  long pour(byte[] bytes, long most) {
    long sent = 0;
    try {
      while (sent < most) {
        send(bytes);
        sent += bytes.length;
      }
    } catch (IOException closed) {
      return sent;
    }
    return sent;
  }

  /** The status of the next answer; 0 where the server closes without one. */
  int status() throws IOException {
    String line = line();
    return line.isEmpty() ? 0 : Integer.parseInt(line.split(" ", 3)[1]);
  }

  /** All that comes until the server closes, which it is to do. */
  String rest() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      socket.getInputStream().transferTo(all);
    } catch (java.net.SocketException reset) {
      return all.toString(ISO_8859_1);
    }
    return all.toString(ISO_8859_1);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    InputStream in = socket.getInputStream();
    try {
      for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
        line.append((char) c);
      }
    } catch (java.net.SocketException reset) {
      return "";
    }
    return line.toString().strip();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
