package org.payerexchange.sandbox;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Counts what was asked of the gateway and what went wrong on purpose. */
public final class RequestLog {
  private final Map<RequestKind, Integer> received = new EnumMap<>(RequestKind.class);
  private final Map<RequestKind, Map<Fault, Integer>> faults = new EnumMap<>(RequestKind.class);
  private final Map<String, Integer> matches = new TreeMap<>();
  private final Map<String, Integer> kickOffs = new TreeMap<>();
  private final Map<String, Integer> filesServed = new TreeMap<>();
  private final Map<String, Integer> filesResumed = new TreeMap<>();
  private final List<String> unexpected = new ArrayList<>();
  private final Map<AuthMethod, Integer> granted = new EnumMap<>(AuthMethod.class);
  private final Set<String> certificates = new LinkedHashSet<>();

  /** How many requests of each kind came in, those included that got no answer. */
  public synchronized Map<RequestKind, Integer> received() {
    return new EnumMap<>(received);
  }

  /** How many requests of a kind came in. */
  public synchronized int received(RequestKind kind) {
    return received.getOrDefault(kind, 0);
  }

  /** How often each fault happened to requests of each kind. */
  public synchronized Map<RequestKind, Map<Fault, Integer>> faults() {
    Map<RequestKind, Map<Fault, Integer>> copy = new EnumMap<>(RequestKind.class);
    faults.forEach((kind, counts) -> copy.put(kind, new EnumMap<>(counts)));
    return copy;
  }

  /** How often each {@code tenant/group} was found by a match. */
  public synchronized Map<String, Integer> matches() {
    return new TreeMap<>(matches);
  }

  /** How many jobs were started for each {@code tenant/group}. */
  public synchronized Map<String, Integer> kickOffs() {
    return new TreeMap<>(kickOffs);
  }

  /** How often each file was sent to its end. */
  public synchronized Map<String, Integer> filesServed() {
    return new TreeMap<>(filesServed);
  }

  /** How often each file was asked for from somewhere behind its beginning on. */
  public synchronized Map<String, Integer> filesResumed() {
    return new TreeMap<>(filesResumed);
  }

  /** Method and path of requests that a client of the gateway has no reason to send. */
  public synchronized List<String> unexpected() {
    return List.copyOf(unexpected);
  }

  /** How often a client got a token by each way of showing who it is. */
  public synchronized Map<AuthMethod, Integer> granted() {
    return new EnumMap<>(granted);
  }

  /**
   * What clients have shown in TLS handshakes, by SHA-256 thumbprint, in the order of their coming.
   */
  public synchronized List<String> certificates() {
    return List.copyOf(certificates);
  }

  /** Starts counting anew. */
  public synchronized void clear() {
    received.clear();
    faults.clear();
    matches.clear();
    kickOffs.clear();
    filesServed.clear();
    filesResumed.clear();
    unexpected.clear();
    granted.clear();
    certificates.clear();
  }

  synchronized void received(RequestKind kind, String methodAndPath) {
    received.merge(kind, 1, Integer::sum);
    if (kind == RequestKind.UNEXPECTED) {
      unexpected.add(methodAndPath);
    }
  }

  synchronized void granted(AuthMethod method) {
    granted.merge(method, 1, Integer::sum);
  }

  synchronized void shown(ClientCertificate certificate) {
    certificates.add(certificate.thumbprint());
  }

  synchronized void happened(RequestKind kind, Fault fault) {
    faults.computeIfAbsent(kind, k -> new EnumMap<>(Fault.class)).merge(fault, 1, Integer::sum);
  }

  synchronized void matched(String tenant, List<String> groups) {
    groups.forEach(group -> matches.merge(tenant + '/' + group, 1, Integer::sum));
  }

  synchronized void kickedOff(String tenant, String group) {
    kickOffs.merge(tenant + '/' + group, 1, Integer::sum);
  }

  synchronized void resumed(FilePath name) {
    filesResumed.merge(name.toString(), 1, Integer::sum);
  }

  synchronized void served(FilePath name) {
    filesServed.merge(name.toString(), 1, Integer::sum);
  }
}
