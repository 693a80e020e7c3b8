package org.payerexchange.intake;

import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The first row of a CSV file: which column holds which field. Other columns are passed over. */
final class CsvHeader {
  private static final int FEWEST_KNOWN_COLUMNS = 2;
  private static final CsvMapper MAPPER =
      CsvMapper.builder()
          .enable(CsvParser.Feature.TRIM_SPACES)
          .enable(CsvParser.Feature.WRAP_AS_ARRAY)
          .build();

  private final String line;
  private final char separator;
  private final List<Optional<IntakeField>> columns;

  private CsvHeader(String line, char separator) {
    this.line = line;
    this.separator = separator;
    this.columns = cells(line).stream().map(IntakeField::ofFlatName).toList();
  }

  /** The header that the line at {@code from} is, if it names known fields. */
  static Optional<CsvHeader> of(byte[] start, int from) {
    int end = from;
    while (end < start.length && start[end] != '\n') {
      end++;
    }
    return Utf8.decode(Arrays.copyOfRange(start, from, end))
        .map(String::strip)
        .flatMap(
            line ->
                Stream.of(',', ';', '\t')
                    .map(separator -> new CsvHeader(line, separator))
                    .max(Comparator.comparingLong(CsvHeader::known)))
        .filter(header -> header.known() >= FEWEST_KNOWN_COLUMNS);
  }

  /** The header's own line, without its end. */
  String line() {
    return line;
  }

  char separator() {
    return separator;
  }

  /** Whether two columns have the name of one field, so that no row can be read. */
  boolean repeatsAField() {
    Set<IntakeField> seen = new HashSet<>();
    return columns.stream().flatMap(Optional::stream).anyMatch(field -> !seen.add(field));
  }

  /** The flat record of a row: its cells that are not blank, or nothing if it is not one row. */
  Optional<ObjectNode> record(String row) {
    List<String> cells = cells(row);
    if (cells.isEmpty() || cells.size() > columns.size()) {
      return Optional.empty();
    }
    ObjectNode record = JsonObjects.create();
    for (int i = 0; i < cells.size(); i++) {
      String cell = cells.get(i).strip();
      if (!cell.isEmpty()) {
        columns.get(i).ifPresent(field -> record.put(field.flatName(), cell));
      }
    }
    return Optional.of(record);
  }

  private long known() {
    return columns.stream().flatMap(Optional::stream).count();
  }

  private List<String> cells(String row) {
    ObjectReader reader =
        MAPPER
            .readerFor(String[].class)
            .with(CsvSchema.emptySchema().withColumnSeparator(separator));
    List<String> cells = new ArrayList<>();
    try (MappingIterator<String[]> rows = reader.readValues(row)) {
      while (rows.hasNextValue()) {
        cells.addAll(List.of(rows.nextValue()));
      }
    } catch (IOException e) {
      return List.of();
    }
    return cells;
  }
}
