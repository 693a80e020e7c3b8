package org.payerexchange.delivery.fhir;

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
 * Trust and key stores (PKCS#12 or JKS files) for calls to the FHIR server.
 *
 * @param trustStore the certificates that are trusted; empty: the JVM's
 * @param trustStorePassword opens it
 * @param keyStore our own certificate, where the server asks for one; empty: none
 * @param keyStorePassword opens it and its key
 */
public record FhirServerTls(
    String trustStore, String trustStorePassword, String keyStore, String keyStorePassword) {

  /**
   * What these make of TLS.
   *
   * @return empty where both are the JVM's affair
   * @throws IOException if a store cannot be read
   * @throws GeneralSecurityException if it cannot be opened
   */
  Optional<SSLContext> context(CamelContext camel) throws IOException, GeneralSecurityException {
    if (trustStore.isBlank() && keyStore.isBlank()) {
      return Optional.empty();
    }
    SSLContextParameters parameters = new SSLContextParameters();
    if (!trustStore.isBlank()) {
      TrustManagersParameters trust = new TrustManagersParameters();
      trust.setKeyStore(store(trustStore, trustStorePassword));
      parameters.setTrustManagers(trust);
    }
    if (!keyStore.isBlank()) {
      KeyManagersParameters keys = new KeyManagersParameters();
      keys.setKeyStore(store(keyStore, keyStorePassword));
      keys.setKeyPassword(keyStorePassword);
      parameters.setKeyManagers(keys);
    }
    return Optional.of(parameters.createSSLContext(camel));
  }

  private static KeyStoreParameters store(String file, String password) {
    KeyStoreParameters store = new KeyStoreParameters();
    store.setResource("file:" + file);
    store.setPassword(password);
    return store;
  }

  /** The files only. */
  @Override
  public String toString() {
    return "FhirServerTls[%s, %s]".formatted(trustStore, keyStore);
  }
}
