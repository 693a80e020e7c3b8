package org.payerexchange.runtime;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.util.Map;
import org.payerexchange.ops.Operations;

/** Works on the ledger itself, with the bundle's beans and none of its routes. */
final class LedgerDesk implements Desk {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
          .build();

  private final PayerExchange bundle;
  private final Operations operations;

  private LedgerDesk(PayerExchange bundle) {
    this.bundle = bundle;
    this.operations = bundle.bean("operations", Operations.class);
  }

  static Desk open(Setup setup) throws Exception {
    return new LedgerDesk(
        PayerExchange.start(withUnusedSecrets(setup).withRoutes("beans").with("p2p.ops.port", "")));
  }

  /** No payer is called, so their secrets may be missing: often only the service has them. */
  private static Setup withUnusedSecrets(Setup setup) {
    return setup.read(
        settings -> {
          Setup complete = setup;
          for (String key : settings.keys()) {
            String secret = key.replaceFirst("^(p2p\\.payers\\.[^.]+)\\..*$", "$1.client-secret");
            if (!secret.equals(key) && settings.find(secret).isEmpty()) {
              complete = complete.with(secret, "not used");
            }
          }
          return complete;
        });
  }

  @Override
  public JsonNode list(Map<String, String> filters) {
    return JSON.valueToTree(
        operations.list(
            filters.get("status"),
            filters.get("payer"),
            filters.get("source"),
            filters.get("page"),
            filters.get("size")));
  }

  @Override
  public JsonNode show(String id) {
    return JSON.valueToTree(operations.show(id));
  }

  @Override
  public int retry(String id) {
    return operations.retry(id, Desk.actor()).transfers();
  }

  @Override
  public int retryAll(String payer, String reason) {
    return operations.retryAll(payer, reason, Desk.actor()).transfers();
  }

  @Override
  public int cancel(String id) {
    return operations.cancel(id, Desk.actor()).transfers();
  }

  @Override
  public void close() {
    bundle.close();
  }
}
