package org.payerexchange.boot;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.payerexchange.auth.CertificateEnd;
import org.payerexchange.auth.TokenClient.Kind;
import org.payerexchange.delivery.Sinks;
import org.payerexchange.http.PeerConnection;
import org.payerexchange.http.PeerTls;
import org.payerexchange.ops.OwnCertificates;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;

/** Finds our own certificates wherever a key names one. */
final class Certificates {
  private final Payers payers;
  private final Map<String, PeerConnection> connections;
  private final Optional<Instant> ops;

  private Certificates(
      Payers payers, Map<String, PeerConnection> connections, Optional<Instant> ops) {
    this.payers = payers;
    this.connections = connections;
    this.ops = ops;
  }

  /**
   * Those of the configuration.
   *
   * @param connections how peers are reached, by what their keys begin with
   * @param ops until when that of the ops ports is good, which is read at the start alone
   */
  static OwnCertificates of(
      Payers payers, Map<String, PeerConnection> connections, Optional<Instant> ops, Clock clock) {
    Certificates certificates = new Certificates(payers, connections, ops);
    return new OwnCertificates(certificates::ends, certificates::problems, clock);
  }

  private List<CertificateEnd> ends() {
    List<CertificateEnd> ends = new ArrayList<>();
    for (Payer payer : payers.all()) {
      tls(Kind.PAYER, payer.id()).ifPresent(ends::add);
    }
    tls(Kind.SINK, Sinks.FHIR).ifPresent(ends::add);
    ops.map(end -> new CertificateEnd("ops", "ops", "p2p.ops.key-store", end)).ifPresent(ends::add);
    return ends;
  }

  private Optional<CertificateEnd> tls(Kind kind, String name) {
    String keys = kind.keys(name);
    return Optional.ofNullable(connections.get(keys))
        .flatMap(PeerConnection::tls)
        .flatMap(PeerTls::end)
        .map(end -> new CertificateEnd(kind.key(), name, keys + ".key-store", end));
  }

  private List<String> problems() {
    return connections.values().stream()
        .flatMap(each -> each.tls().stream())
        .flatMap(tls -> tls.problem().stream())
        .sorted()
        .toList();
  }
}
