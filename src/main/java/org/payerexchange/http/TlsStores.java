package org.payerexchange.http;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.apache.camel.CamelContext;
import org.apache.camel.support.jsse.KeyManagersParameters;
import org.apache.camel.support.jsse.KeyStoreParameters;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.camel.support.jsse.TrustManagersParameters;

/**
 * Trust and key stores (PKCS#12 or JKS files) of one peer.
 *
 * @param keys what its keys begin with, for messages: {@code p2p.deliver.fhir}
 * @param trustStore the certificates that are trusted, and no others; empty: the JVM's
 * @param trustStorePassword opens it
 * @param keyStore our own certificate, where the peer asks for one; empty: none
 * @param keyStorePassword opens it and its key
 */
public record TlsStores(
    String keys,
    String trustStore,
    String trustStorePassword,
    String keyStore,
    String keyStorePassword) {

  /**
   * What these make of TLS.
   *
   * @return empty where both are the JVM's affair
   * @throws IllegalArgumentException naming the key of a store that cannot be opened
   */
  public Optional<SSLContext> context(CamelContext camel) {
    return parameters(camel).map(parameters -> context(camel, parameters));
  }

  /**
   * The same, as Camel has it.
   *
   * @return empty where both are the JVM's affair
   * @throws IllegalArgumentException naming the key of a store that cannot be opened
   */
  public Optional<SSLContextParameters> parameters(CamelContext camel) {
    if (trustStore.isBlank() && keyStore.isBlank()) {
      return Optional.empty();
    }
    SSLContextParameters parameters = new SSLContextParameters();
    if (!trustStore.isBlank()) {
      TrustManagersParameters trust = new TrustManagersParameters();
      trust.setKeyStore(open(camel, ".trust-store", trustStore, trustStorePassword));
      parameters.setTrustManagers(trust);
    }
    if (!keyStore.isBlank()) {
      KeyManagersParameters own = new KeyManagersParameters();
      own.setKeyStore(open(camel, ".key-store", keyStore, keyStorePassword));
      own.setKeyPassword(keyStorePassword);
      parameters.setKeyManagers(own);
    }
    return Optional.of(parameters);
  }

  private SSLContext context(CamelContext camel, SSLContextParameters parameters) {
    try {
      return parameters.createSSLContext(camel);
    } catch (IOException | GeneralSecurityException unusable) {
      throw new IllegalArgumentException(
          "%s.key-store, %s.trust-store: %s".formatted(keys, keys, unusable.getMessage()));
    }
  }

  private KeyStoreParameters open(CamelContext camel, String key, String file, String password) {
    KeyStoreParameters store = new KeyStoreParameters();
    store.setCamelContext(camel);
    store.setResource("file:" + file);
    store.setPassword(password);
    try {
      store.createKeyStore();
      return store;
    } catch (IOException | GeneralSecurityException unusable) {
      throw new IllegalArgumentException(
          "%s%s: '%s' cannot be opened (%s)".formatted(keys, key, file, unusable.getMessage()));
    }
  }

  /** The files only. */
  @Override
  public String toString() {
    return "TlsStores[%s, %s, %s]".formatted(keys, trustStore, keyStore);
  }
}
