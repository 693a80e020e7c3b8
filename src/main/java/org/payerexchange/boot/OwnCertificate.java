package org.payerexchange.boot;

import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts the very certificate that {@code p2p.ops.key-store} holds and no other, whoever signed it
 * and whatever name it has: commands of the same configuration call the process by an address.
 */
public final class OwnCertificate extends X509ExtendedTrustManager {
  private final List<Certificate> own;

  private OwnCertificate(List<Certificate> own) {
    this.own = List.copyOf(own);
  }

  /**
   * TLS with the process that shows this certificate.
   *
   * @return empty where the ops API has none
   * @throws IllegalArgumentException naming the key, if the store cannot be opened
   */
  public static Optional<SSLContext> context(Settings settings) {
    return settings
        .find("p2p.ops.key-store")
        .map(store -> context(store, settings.text("p2p.ops.key-store-password")));
  }

  private static SSLContext context(String keyStore, String password) {
    try {
      KeyStore store = KeyStore.getInstance(new File(keyStore), password.toCharArray());
      List<Certificate> own = new ArrayList<>();
      for (String alias : Collections.list(store.aliases())) {
        own.add(store.getCertificate(alias));
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new OwnCertificate(own)}, new SecureRandom());
      return context;
    } catch (IOException | GeneralSecurityException unusable) {
      throw new IllegalArgumentException(
          "p2p.ops.key-store: '%s' cannot be opened (%s)"
              .formatted(keyStore, unusable.getMessage()));
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    if (chain.length == 0 || !own.contains(chain[0])) {
      throw new CertificateException(
          "not the certificate of p2p.ops.key-store: if that is a new one, start the node anew");
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    checkServerTrusted(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkServerTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("no clients here");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
