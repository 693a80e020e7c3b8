package org.payerexchange.http;

import java.time.Instant;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * What a peer's store files make of TLS. A connection that was made with one is never used for
 * another.
 *
 * @param context makes connections
 * @param certificate the SHA-256 of our own certificate, in hexadecimal digits; empty: none is
 *     shown
 * @param end until when it is good; empty without one
 */
public record TlsIdentity(SSLContext context, String certificate, Optional<Instant> end) {}
