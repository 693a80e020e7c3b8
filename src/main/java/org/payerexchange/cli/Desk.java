package org.payerexchange.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.util.Map;
import org.payerexchange.boot.Failures;
import org.payerexchange.boot.Setup;
import org.payerexchange.ledger.store.OperatorAction;

/** The ledger as a command reaches it: directly, or through the process that has it open. */
public interface Desk extends AutoCloseable {
  /** The answer of {@code GET /api/transfers} with these filters. */
  JsonNode list(Map<String, String> filters) throws Exception;

  /** The answer of {@code GET /api/transfers/{id}}. */
  JsonNode show(String id) throws Exception;

  /** The answer of {@code GET /api/transfers/{id}/{part}?page=}. */
  JsonNode part(String id, String part, int page) throws Exception;

  /** Does one thing to one transfer; the number of transfers that it was done to. */
  int act(OperatorAction action, String id) throws Exception;

  /** The answer of {@code POST /api/actions} to this body. */
  JsonNode act(JsonNode body) throws Exception;

  /**
   * The answer of {@code GET /api/report}.
   *
   * @param asked its parameters, and the header {@code Accept}
   */
  InputStream report(Map<String, String> asked) throws Exception;

  /** The answer of {@code GET /api/recurrences} with these filters. */
  JsonNode recurring(Map<String, String> filters) throws Exception;

  /** The answer of {@code POST /api/recurrences/{id}/stop}. */
  JsonNode stopRecurring(String id) throws Exception;

  /** The answer of {@code POST /api/recurrences/{id}/change} with these parameters. */
  JsonNode changeRecurring(String id, Map<String, String> change) throws Exception;

  /** The answer of {@code POST /api/forget} with these parameters. */
  JsonNode forget(Map<String, String> request) throws Exception;

  /** Whether no other process gets at the ledger until this is closed. */
  boolean keepsOthersOut();

  /** On the ledger, or with an H2 file in use by a running process through its ops API. */
  static Desk open(Setup setup) throws Exception {
    try {
      return LedgerDesk.open(setup);
    } catch (Exception e) {
      if (Failures.isDatabaseInUse(e)) {
        return OpsDesk.open(setup);
      }
      throw e;
    }
  }

  /** Who acts, for the audit trail. */
  static String actor() {
    return "cli:" + System.getProperty("user.name", "").replaceAll("[^A-Za-z0-9._@-]", "_");
  }
}
