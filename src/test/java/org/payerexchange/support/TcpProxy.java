package org.payerexchange.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A cable that a test can cut: connections to it reach a server on this machine until then. */
public final class TcpProxy implements AutoCloseable {
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "tcp-proxy");
            thread.setDaemon(true);
            return thread;
          });
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final int target;
  private final int port;
  private volatile ServerSocket server;

  /** Leads to a loopback port, from a free one. */
  public TcpProxy(int target) throws IOException {
    this.target = target;
    this.server = listen(FreePort.find());
    this.port = server.getLocalPort();
  }

  /** The port that it listens on. */
  public int port() {
    return port;
  }

  /** Ends all connections; new ones are refused. */
  public void cut() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  /** Takes connections again. */
  public void mend() throws IOException {
    server = listen(port);
  }

  @Override
  public void close() throws IOException {
    cut();
    threads.shutdownNow();
  }

  private ServerSocket listen(int at) throws IOException {
    ServerSocket listening = new ServerSocket();
    listening.setReuseAddress(true);
    listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), at));
    threads.execute(() -> accept(listening));
    return listening;
  }

  private void accept(ServerSocket listening) {
    try {
      while (true) {
        Socket client = listening.accept();
        sockets.add(client);
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(server);
        threads.execute(() -> pump(client, server));
        threads.execute(() -> pump(server, client));
      }
    } catch (IOException cut) {
      // nobody is let in any more
    }
  }

  private void pump(Socket from, Socket to) {
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException cut) {
      // both ends are closed now
    } finally {
      sockets.remove(from);
      sockets.remove(to);
    }
  }
}
