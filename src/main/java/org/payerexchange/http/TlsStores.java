package org.payerexchange.http;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.support.jsse.KeyManagersParameters;
import org.apache.camel.support.jsse.KeyStoreParameters;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.camel.support.jsse.TrustManagersParameters;
import org.payerexchange.files.FileStamp;

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
   * Reads both once.
   *
   * @param now when our own certificate has to be good
   * @return what is wrong with them, one line each
   */
  public List<String> problems(CamelContext camel, Instant now) {
    return Stream.of(
            new TlsStores(keys, trustStore, trustStorePassword, "", ""),
            new TlsStores(keys, "", "", keyStore, keyStorePassword))
        .filter(one -> !one.isEmpty())
        .flatMap(one -> one.problem(camel, now).stream())
        .toList();
  }

  private Optional<String> problem(CamelContext camel, Instant now) {
    try {
      read(camel, now);
      return Optional.empty();
    } catch (IllegalArgumentException unusable) {
      return Optional.of(unusable.getMessage());
    }
  }

  /** Whether both are the JVM's affair. */
  public boolean isEmpty() {
    return trustStore.isBlank() && keyStore.isBlank();
  }

  /** The configuration key of our own certificate. */
  public String ownKey() {
    return keys + ".key-store";
  }

  /**
   * What these make of TLS, as Camel has it.
   *
   * @return empty where both are the JVM's affair
   * @throws IllegalArgumentException naming the key of a store that cannot be opened
   */
  public Optional<SSLContextParameters> parameters(CamelContext camel) {
    if (isEmpty()) {
      return Optional.empty();
    }
    SSLContextParameters parameters = new SSLContextParameters();
    if (!trustStore.isBlank()) {
      TrustManagersParameters trust = new TrustManagersParameters();
      trust.setKeyStore(open(camel, keys + ".trust-store", trustStore, trustStorePassword));
      parameters.setTrustManagers(trust);
    }
    if (!keyStore.isBlank()) {
      KeyManagersParameters own = new KeyManagersParameters();
      own.setKeyStore(open(camel, ownKey(), keyStore, keyStorePassword));
      own.setKeyPassword(keyStorePassword);
      parameters.setKeyManagers(own);
    }
    return Optional.of(parameters);
  }

  /**
   * The same, with our own certificate looked at.
   *
   * @param now when it has to be good
   * @throws IllegalArgumentException naming the key of a store that cannot be used
   */
  TlsIdentity read(CamelContext camel, Instant now) {
    SSLContextParameters parameters = parameters(camel).orElseThrow();
    try {
      OwnChain own = own(camel);
      own.requireGood(now);
      return new TlsIdentity(parameters.createSSLContext(camel), own.hash(), own.end());
    } catch (IOException | GeneralSecurityException unusable) {
      throw new IllegalArgumentException(
          "%s, %s.trust-store: %s".formatted(ownKey(), keys, unusable.getMessage()));
    } catch (IllegalArgumentException unusable) {
      throw named(unusable);
    }
  }

  /**
   * Until when our own certificate is good, also where it is not any more.
   *
   * @return empty without one
   * @throws IllegalArgumentException naming the key, if the store holds none
   */
  public Optional<Instant> end(CamelContext camel) {
    try {
      return own(camel).end();
    } catch (IOException | GeneralSecurityException | IllegalArgumentException unusable) {
      throw named(unusable);
    }
  }

  private OwnChain own(CamelContext camel) throws IOException, GeneralSecurityException {
    return keyStore.isBlank()
        ? OwnChain.NONE
        : OwnChain.in(store(camel, keyStore, keyStorePassword).createKeyStore(), keyStorePassword);
  }

  private IllegalArgumentException named(Exception unusable) {
    return new IllegalArgumentException(
        "%s: '%s' %s".formatted(ownKey(), keyStore, unusable.getMessage()));
  }

  /** Changes whenever one of the files does. */
  String stamp() {
    return stamp(trustStore) + ", " + stamp(keyStore);
  }

  private static String stamp(String file) {
    return file.isBlank() ? "" : FileStamp.orGone(Path.of(file));
  }

  private static KeyStoreParameters open(
      CamelContext camel, String key, String file, String password) {
    KeyStoreParameters store = store(camel, file, password);
    try {
      if (store.createKeyStore().size() == 0) {
        throw new IllegalArgumentException(
            "%s: '%s' holds no entry that Java sees; keytool -importcert adds one"
                .formatted(key, file));
      }
      return store;
    } catch (IOException | GeneralSecurityException unusable) {
      throw new IllegalArgumentException(
          "%s: '%s' cannot be opened (%s)".formatted(key, file, unusable.getMessage()));
    }
  }

  private static KeyStoreParameters store(CamelContext camel, String file, String password) {
    KeyStoreParameters store = new KeyStoreParameters();
    store.setCamelContext(camel);
    store.setResource("file:" + file);
    store.setPassword(password);
    return store;
  }

  /** The files only. */
  @Override
  public String toString() {
    return "TlsStores[%s, %s, %s]".formatted(keys, trustStore, keyStore);
  }
}
