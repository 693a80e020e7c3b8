package org.payerexchange.sandbox;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** What servers do not say in words of a user when they are started. */
final class Ports {
  private Ports() {}

  /**
   * Tries a port before a server does.
   *
   * @param port 0: any
   * @throws IllegalStateException if it cannot be had; says host, port and why
   */
  static void requireFree(String host, int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(host, port));
    } catch (IOException taken) {
      throw new IllegalStateException("%s:%d: %s".formatted(host, port, taken.getMessage()));
    }
  }
}
