package org.payerexchange.cli;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Set;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Asks the process in the same container whether it is ready: exit code 0 if it is, else 1. It is
 * started every ten seconds, in an image without a shell, and so uses nothing but what every JVM
 * has loaded in a moment.
 */
public final class HealthProbe {
  private static final Set<String> EVERYWHERE = Set.of("", "0.0.0.0", "::");
  private static final int MILLISECONDS_TO_ANSWER = 5_000;

  private HealthProbe() {}

  /**
   * Asks once, at the address and the port that the environment gives ({@code P2P_OPS_HOST}, {@code
   * P2P_OPS_PORT}); an empty port is one that nobody listens at, and nothing is asked.
   */
  public static void main(String[] arguments) {
    String port = System.getenv().getOrDefault("P2P_OPS_PORT", "").strip();
    if (port.isEmpty()) {
      System.exit(0);
    }
    String ready = "://%s:%s/observe/health/ready".formatted(host(), port);
    System.exit(isOk(URI.create("http" + ready)) || isOk(URI.create("https" + ready)) ? 0 : 1);
  }

  /** Who listens everywhere does so here. */
  private static String host() {
    String host = System.getenv().getOrDefault("P2P_OPS_HOST", "").strip();
    if (EVERYWHERE.contains(host)) {
      return "127.0.0.1";
    }
    return host.contains(":") ? "[" + host + "]" : host;
  }

  private static boolean isOk(URI uri) {
    try {
      HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
      if (connection instanceof HttpsURLConnection secure) {
        secure.setSSLSocketFactory(whoeverAnswersHere().getSocketFactory());
        secure.setHostnameVerifier((name, session) -> true);
      }
      connection.setConnectTimeout(MILLISECONDS_TO_ANSWER);
      connection.setReadTimeout(MILLISECONDS_TO_ANSWER);
      return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
    } catch (IOException | GeneralSecurityException e) {
      return false;
    }
  }

  /** Nothing is sent but the question, and who could answer it falsely is in the container. */
  private static SSLContext whoeverAnswersHere() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Anyone()}, new SecureRandom());
    return context;
  }

  private static final class Anyone implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
      // there are none
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      // whoever it is
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
