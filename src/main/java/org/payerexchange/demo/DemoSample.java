package org.payerexchange.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.ledger.store.TransferSummary;
import org.payerexchange.sandbox.PdexMember;

/**
 * One record of the sample members, and what has to come of it.
 *
 * @param file the resource that holds it, alone or with others
 * @param record its number in that file, from 1
 * @param members how many records from there on are such samples; 0: the one
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
    int members,
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

  /** All samples, in the order in which they are sent, each of one record. */
  static List<DemoSample> all() throws IOException {
    return JsonLimits.mapper()
        .readValue(resource("samples.json"), new TypeReference<List<DemoSample>>() {})
        .stream()
        .flatMap(DemoSample::single)
        .toList();
  }

  private Stream<DemoSample> single() {
    return IntStream.range(record, record + Math.max(1, members))
        .mapToObj(
            number ->
                new DemoSample(
                    name,
                    way,
                    payer,
                    file,
                    number,
                    1,
                    requestId,
                    expected,
                    groups,
                    shows,
                    properties));
  }

  /** Those that the demo tells of in one row, by their name. */
  static List<List<DemoSample>> rows(List<DemoSample> samples) {
    Map<String, List<DemoSample>> rows = new LinkedHashMap<>();
    samples.forEach(
        sample -> rows.computeIfAbsent(sample.name(), any -> new ArrayList<>()).add(sample));
    return List.copyOf(rows.values());
  }

  /** Which record of which file it is; one that is sent twice is the same both times. */
  String place() {
    return file + '#' + record;
  }

  /** The bytes of the file that holds the sample. */
  byte[] content() throws IOException {
    return resource(file);
  }

  /** The member of a payer that is asked by PDex or HRex; empty of others. */
  Optional<PdexMember> generated() throws IOException {
    if (!file.endsWith(".csv")) {
      return Optional.empty();
    }
    List<String> rows = new String(content(), UTF_8).lines().toList();
    int column = List.of(rows.get(0).split(",", -1)).indexOf("coverageId");
    return PdexMember.byCoverage(payer, rows.get(record).split(",", -1)[column]);
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
