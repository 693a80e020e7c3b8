package org.payerexchange.ledger.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.payerexchange.dialect.BulkMatch;
import org.payerexchange.dialect.Dialect;
import org.payerexchange.dialect.ExportLimits;
import org.payerexchange.dialect.GatewayRequest;
import org.payerexchange.dialect.JobReport;
import org.payerexchange.dialect.NamedJob;

/** A dialect of which the ledger needs to know no more than how members are gathered. */
record BatchedDialect(int size, Duration patience) implements Dialect {
  @Override
  public Optional<BulkMatch> bulkMatch() {
    Map<String, Object> answers = Map.of("batchSize", size, "batchWait", patience);
    return Optional.of(
        (BulkMatch)
            Proxy.newProxyInstance(
                BulkMatch.class.getClassLoader(),
                new Class<?>[] {BulkMatch.class},
                (proxy, method, arguments) -> answers.get(method.getName())));
  }

  @Override
  public String key() {
    return "batched";
  }

  @Override
  public GatewayRequest kickoff(String groupId, ExportLimits limits) {
    throw new UnsupportedOperationException();
  }

  @Override
  public NamedJob job(URI baseUrl, JsonNode answer, byte[] body) {
    throw new UnsupportedOperationException();
  }

  @Override
  public JobReport report(JsonNode answer) {
    throw new UnsupportedOperationException();
  }
}
