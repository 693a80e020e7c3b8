package org.payerexchange.auth;

import java.time.Instant;

/**
 * Until when one of our own certificates is good, or a key of ours by its own word.
 *
 * @param kind whom it is shown to, or what is signed for: {@code payer}, {@code sink}; {@code ops}
 *     for who asks us
 * @param name the payer's id, or what the ledger calls the sink
 * @param key the configuration key that names its file: {@code p2p.payers.bison.key-store}
 * @param end its last moment, or that of one that vouches for it where that is earlier
 */
public record CertificateEnd(String kind, String name, String key, Instant end) {}
