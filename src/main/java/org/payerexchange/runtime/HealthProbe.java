package org.payerexchange.runtime;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;

/**
 * Asks the process in the same container whether it is ready: exit code 0 if it is, else 1. It is
 * started every ten seconds, in an image without a shell, and so uses nothing but what every JVM
 * has loaded in a moment.
 */
public final class HealthProbe {
  private static final int MILLISECONDS_TO_ANSWER = 5_000;

  private HealthProbe() {}

  /** Asks once, at the port that the environment gives ({@code P2P_OPS_PORT}). */
  public static void main(String[] arguments) {
    String port = System.getenv("P2P_OPS_PORT");
    URI ready = URI.create("http://127.0.0.1:%s/observe/health/ready".formatted(port));
    System.exit(isOk(ready) ? 0 : 1);
  }

  private static boolean isOk(URI uri) {
    try {
      HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
      connection.setConnectTimeout(MILLISECONDS_TO_ANSWER);
      connection.setReadTimeout(MILLISECONDS_TO_ANSWER);
      return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
    } catch (IOException e) {
      return false;
    }
  }
}
