package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalInt;

/**
 * A line that is alone of its kind.
 *
 * @param shared whether it goes to all whose lines refer to it, also through others
 * @param owner the number of the Patient whose it is; empty without one
 */
record KnownLine(String type, String json, boolean shared, OptionalInt owner) {

  static KnownLine shared(ObjectNode resource) {
    return of(resource, true, OptionalInt.empty());
  }

  static KnownLine of(ObjectNode resource, int owner) {
    return of(resource, false, OptionalInt.of(owner));
  }

  static KnownLine ofNobody(ObjectNode resource) {
    return of(resource, false, OptionalInt.empty());
  }

  static KnownLine ofNobody(String type, String json) {
    return new KnownLine(type, json, false, OptionalInt.empty());
  }

  /** Type and id, as references have them. */
  String reference() {
    return type + '/' + json.split("\"id\":\"", 2)[1].split("\"", 2)[0];
  }

  private static KnownLine of(ObjectNode resource, boolean shared, OptionalInt owner) {
    // None of them was changed later than the first of what members have.
    String json =
        resource.toString().replace(LinePattern.UPDATED, LinePattern.updated(0).toString());
    return new KnownLine(resource.path("resourceType").asText(), json, shared, owner);
  }
}
