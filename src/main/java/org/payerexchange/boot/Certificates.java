package org.payerexchange.boot;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.payerexchange.auth.CertificateEnd;
import org.payerexchange.auth.SigningKey;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.auth.TokenClient.Kind;
import org.payerexchange.delivery.Sinks;
import org.payerexchange.files.FileStamp;
import org.payerexchange.http.PeerConnection;
import org.payerexchange.http.PeerTls;
import org.payerexchange.ops.OwnCertificates;

/**
 * Finds our own certificates wherever a key names one. A file is opened again once it has changed,
 * and each time as long as it cannot be used.
 */
final class Certificates {
  private final List<TokenClient> clients;
  private final Map<String, PeerConnection> connections;
  private final Optional<Instant> ops;
  private final Map<SigningKey, Seen> seen = new ConcurrentHashMap<>();

  /**
   * What is in the file of a key that signs.
   *
   * @param end of its certificate; empty without one
   * @param problem why it cannot be used; empty if it can
   */
  private record Seen(String stamp, Optional<Instant> end, Optional<String> problem) {
    static Seen of(String stamp, SigningKey key) {
      try {
        return new Seen(stamp, key.end(), Optional.empty());
      } catch (IllegalArgumentException unusable) {
        return new Seen(stamp, Optional.empty(), Optional.of(unusable.getMessage()));
      }
    }
  }

  private Certificates(
      List<TokenClient> clients, Map<String, PeerConnection> connections, Optional<Instant> ops) {
    this.clients = clients;
    this.connections = connections;
    this.ops = ops;
  }

  /**
   * Those of the configuration.
   *
   * @param clients who we are at payers and sinks
   * @param connections how peers are reached, by what their keys begin with
   * @param ops until when that of the ops ports is good, which is read at the start alone
   */
  static OwnCertificates of(
      List<TokenClient> clients,
      Map<String, PeerConnection> connections,
      Optional<Instant> ops,
      Clock clock) {
    Certificates certificates = new Certificates(clients, connections, ops);
    return new OwnCertificates(certificates::ends, certificates::problems, clock);
  }

  private List<CertificateEnd> ends() {
    List<CertificateEnd> ends = new ArrayList<>();
    tls(Kind.SINK, Sinks.FHIR).ifPresent(ends::add);
    for (TokenClient client : clients) {
      if (client.kind() == Kind.PAYER) {
        tls(client.kind(), client.name()).ifPresent(ends::add);
      }
      for (SigningKey key : client.credentials().keys()) {
        seen(key)
            .end()
            .map(end -> new CertificateEnd(client.kind().key(), client.name(), key.key(), end))
            .ifPresent(ends::add);
      }
    }
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

  private Seen seen(SigningKey key) {
    String stamp = FileStamp.orGone(key.file());
    return seen.compute(
        key,
        (same, before) ->
            before != null && before.stamp().equals(stamp) && before.problem().isEmpty()
                ? before
                : Seen.of(stamp, key));
  }

  private List<String> problems() {
    return Stream.concat(
            connections.values().stream()
                .flatMap(each -> each.tls().stream())
                .flatMap(tls -> tls.problem().stream()),
            clients.stream()
                .flatMap(client -> client.credentials().keys().stream())
                .flatMap(key -> seen(key).problem().stream()))
        .sorted()
        .toList();
  }
}
