package org.payerexchange.sandbox;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The jobs of one kind that were started. */
final class Jobs {
  private final Map<String, Job> byId = new ConcurrentHashMap<>();
  private final Collection<Job> inOrder = new ConcurrentLinkedQueue<>();

  void add(Job job) {
    byId.put(job.id(), job);
    inOrder.add(job);
  }

  /** All of them, in the order of their kick-offs. */
  Collection<Job> all() {
    return inOrder;
  }

  /** Empty: there is none, or its client has released it. */
  Optional<Job> find(String tenant, String id) {
    return Optional.ofNullable(id)
        .map(byId::get)
        .filter(job -> job.served().tenant().equals(tenant) && !job.released());
  }

  /**
   * The job of that id.
   *
   * @throws GatewayRefusal 404 where there is none
   */
  Job require(String tenant, String id) {
    return find(tenant, id)
        .orElseThrow(() -> GatewayRefusal.outcome(404, "not-found", "Job not found"));
  }
}
