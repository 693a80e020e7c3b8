package org.payerexchange.demo;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.ledger.TransferSummary;

/**
 * One record of the sample members, and what has to come of it.
 *
 * @param file the resource that holds it, alone or with others
 * @param record its number in that file, from 1
 * @param requestId the id that it is sent with, or null
 * @param groups the sandbox's groups whose files have to arrive
 * @param shows what the sample is there for
 * @param properties of the JMS message
 */
record DemoSample(
    String name,
    Way way,
    String payer,
    String file,
    int record,
    String requestId,
    TransferState expected,
    List<String> groups,
    String shows,
    Map<String, String> properties) {

  /** How a sample gets in. */
  enum Way {
    FILE,
    JMS
  }

  private static final String FOLDER = "/samples/";

  /** All samples, in the order in which they are sent. */
  static List<DemoSample> all() throws IOException {
    return JsonLimits.mapper()
        .readValue(resource("samples.json"), new TypeReference<List<DemoSample>>() {});
  }

  /** Which record of which file it is; one that is sent twice is the same both times. */
  String place() {
    return file + '#' + record;
  }

  /** The bytes of the file that holds the sample. */
  byte[] content() throws IOException {
    return resource(file);
  }

  /** Whether this is what the ledger has of the sample. */
  boolean is(TransferSummary transfer) {
    return switch (way) {
      case FILE ->
          transfer.source().equals(payer + '/' + file) && transfer.recordNumber() == record;
      case JMS -> transfer.source().startsWith("jms:") && requestId.equals(transfer.requestId());
    };
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream content = DemoSample.class.getResourceAsStream(FOLDER + name)) {
      return content.readAllBytes();
    }
  }

  @Override
  public String toString() {
    return "DemoSample[%s]".formatted(name);
  }
}
