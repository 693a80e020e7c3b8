package org.payerexchange.boot;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.HexFormat;

/** The name under which this process owns the rows that it claims: host, and a random part. */
public final class NodeName {
  private NodeName() {}

  /** A new name for each start, so that a restarted process is never taken for its predecessor. */
  public static String generate() {
    byte[] random = new byte[4];
    new SecureRandom().nextBytes(random);
    return host() + "-" + HexFormat.of().formatHex(random);
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "node";
    }
  }
}
