package org.payerexchange.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
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
   * @param json as text, which is smaller by far than a tree
   * @param members those of its entries that are known here
   */
  record Held(String tenant, String id, String json, List<PdexMember> members) {
    JsonNode group() {
      try {
        return Answer.MAPPER.readTree(json);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("A Group of the sandbox is no JSON", e);
      }
    }

    @Override
    public String toString() {
      return "Held[tenant=%s, id=%s]".formatted(tenant, id);
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
