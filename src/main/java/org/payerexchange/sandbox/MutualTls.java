package org.payerexchange.sandbox;

import java.nio.file.Path;

/**
 * A second port, which speaks TLS and lets in only who shows a certificate.
 *
 * @param port 0 takes a free one
 * @param keyStore PKCS#12 file of the gateway's own certificate and its key
 * @param keyStorePassword opens it, masked in {@link #toString()}
 * @param clientTrustStore PKCS#12 file of the authorities whose clients are let in
 * @param clientTrustStorePassword opens it, masked in {@link #toString()}
 */
public record MutualTls(
    int port,
    Path keyStore,
    String keyStorePassword,
    Path clientTrustStore,
    String clientTrustStorePassword) {

  @Override
  public String toString() {
    return "MutualTls[%d, %s, %s]".formatted(port, keyStore, clientTrustStore);
  }
}
