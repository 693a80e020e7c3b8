package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.EnumMap;
import java.util.Map;
import org.apache.camel.Body;
import org.apache.camel.Header;

/**
 * What tests ask the sandbox about itself, and how they make it misbehave. For callers on this
 * machine only.
 */
public final class AdminView {
  private final RequestLog log;
  private final Jobs exports;
  private final Faults faults;

  AdminView(RequestLog log, Jobs exports, Faults faults) {
    this.log = log;
    this.exports = exports;
    this.faults = faults;
  }

  /** Lets only callers on this machine through. */
  public void check(@Header("CamelVertxPlatformHttpRemoteAddress") SocketAddress caller)
      throws UnknownHostException {
    if (!InetAddress.getByName(caller.hostAddress()).isLoopbackAddress()) {
      throw GatewayRefusal.outcome(403, "forbidden", "Only from this machine");
    }
  }

  /** Counts of requests, kick-offs, files and faults. */
  public Answer requests() {
    ObjectNode body = Answer.MAPPER.createObjectNode();
    body.set("received", Answer.MAPPER.valueToTree(log.received()));
    body.set("matches", Answer.MAPPER.valueToTree(log.matches()));
    body.set("kickOffs", Answer.MAPPER.valueToTree(log.kickOffs()));
    body.set("filesServed", Answer.MAPPER.valueToTree(log.filesServed()));
    body.set("filesResumed", Answer.MAPPER.valueToTree(log.filesResumed()));
    body.set("granted", Answer.MAPPER.valueToTree(log.granted()));
    body.set("faults", Answer.MAPPER.valueToTree(log.faults()));
    body.set("unexpected", Answer.MAPPER.valueToTree(log.unexpected()));
    return Answer.json(200, body);
  }

  /** Starts counting anew. */
  public Answer forgetRequests() {
    log.clear();
    return new Answer(204, Answer.JSON, Map.of(), null);
  }

  /** Every job with its files. */
  public Answer jobs() {
    ArrayNode body = Answer.MAPPER.createArrayNode();
    for (Job job : exports.all()) {
      ObjectNode entry = body.addObject();
      entry
          .put("tenant", job.served().tenant())
          .put("group", job.served().groupId())
          .put("job", job.id())
          .put("released", job.released());
      ArrayNode files = entry.putArray("files");
      for (Content content : job.files()) {
        files
            .addObject()
            .put("type", content.resourceType())
            .put("resources", content.resources())
            .put("bytes", content.length())
            .put("sha256", content.sha256());
      }
    }
    return Answer.json(200, body);
  }

  /**
   * Sets the rates of random faults: {@code {"THROTTLE": 0.05, …}}; those not named are 0.
   *
   * @throws GatewayRefusal 400 for an unknown fault or a rate that is none
   */
  public Answer setFaults(@Body byte[] json) throws IOException {
    Map<Fault, Double> rates = new EnumMap<>(Fault.class);
    for (Map.Entry<String, JsonNode> entry : Answer.MAPPER.readTree(json).properties()) {
      rates.put(fault(entry.getKey()), entry.getValue().asDouble(-1));
    }
    try {
      faults.rates(rates);
    } catch (IllegalArgumentException none) {
      throw GatewayRefusal.outcome(400, "invalid", none.getMessage());
    }
    return Answer.json(200, Answer.MAPPER.valueToTree(faults.rates()));
  }

  private static Fault fault(String name) {
    try {
      return Fault.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw GatewayRefusal.outcome(400, "invalid", "Unknown fault");
    }
  }
}
