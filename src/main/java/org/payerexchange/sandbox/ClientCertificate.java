package org.payerexchange.sandbox;

import com.nimbusds.jose.util.X509CertUtils;
import io.vertx.core.http.HttpServerRequest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * The certificate that a client has shown in the TLS handshake, which has checked that it knows the
 * key and that an authority vouches for it. What stands behind the network learns of it from a
 * header, as behind a proxy that ends TLS (RFC 9440).
 *
 * @param certificate the client's own, without its chain
 */
record ClientCertificate(X509Certificate certificate) {
  static final String HEADER = "Client-Cert";

  private static final int URI_NAME = 6;

  /** Puts it into the header, in place of whatever the client itself has put there. */
  static Optional<ClientCertificate> pass(HttpServerRequest request) {
    request.headers().remove(HEADER);
    if (!request.isSSL()) {
      return Optional.empty();
    }
    try {
      X509Certificate own = (X509Certificate) request.connection().peerCertificates().get(0);
      request
          .headers()
          .set(HEADER, ":" + Base64.getEncoder().encodeToString(own.getEncoded()) + ":");
      return Optional.of(new ClientCertificate(own));
    } catch (SSLPeerUnverifiedException | CertificateEncodingException none) {
      throw new IllegalStateException("a connection without the certificate it needs", none);
    }
  }

  /** What the header tells; empty without one. */
  static Optional<ClientCertificate> told(String header) {
    return Optional.ofNullable(header)
        .map(
            text ->
                new ClientCertificate(
                    X509CertUtils.parse(
                        Base64.getDecoder().decode(text.substring(1, text.length() - 1)))));
  }

  /** What a token that is bound to it is bound to: {@code x5t#S256} (RFC 8705, section 3.1). */
  String thumbprint() {
    return X509CertUtils.computeSHA256Thumbprint(certificate).toString();
  }

  /** Whether no authority vouches for it but itself. */
  boolean isSelfSigned() {
    return certificate.getIssuerX500Principal().equals(certificate.getSubjectX500Principal());
  }

  /** Whether it has this URI as a subject alternative name. */
  boolean isOf(String uri) {
    try {
      return certificate.getSubjectAlternativeNames() != null
          && certificate.getSubjectAlternativeNames().contains(List.of(URI_NAME, uri));
    } catch (CertificateParsingException unreadable) {
      return false;
    }
  }
}
