package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The Groups of matched members that this gateway keeps. */
final class Groups {
  private final Map<String, Held> byId = new ConcurrentHashMap<>();

  /**
   * A Group.
   *
   * @param members those of its entries that have data here
   */
  record Held(String tenant, ObjectNode group, List<PdexMember> members) {
    String id() {
      return group.path("id").asText();
    }

    @Override
    public String toString() {
      return "Held[tenant=%s, id=%s]".formatted(tenant, id());
    }
  }

  void add(Held held) {
    byId.put(held.id(), held);
  }

  void remove(String id) {
    byId.remove(id);
  }

  Optional<Held> find(String tenant, String id) {
    return Optional.ofNullable(byId.get(id)).filter(held -> held.tenant().equals(tenant));
  }

  /**
   * The Group of that id.
   *
   * @throws GatewayRefusal 404 where there is none
   */
  Held require(String tenant, String id) {
    return find(tenant, id)
        .orElseThrow(() -> GatewayRefusal.outcome(404, "not-found", "Group not found"));
  }

  Stream<Held> of(String tenant) {
    return byId.values().stream().filter(held -> held.tenant().equals(tenant));
  }
}
