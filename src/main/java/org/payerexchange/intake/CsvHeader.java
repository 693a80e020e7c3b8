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
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The row of a CSV file that says which column holds which field. Other columns are passed over,
 * and so are the lines before it: a separator hint, a title, comments.
 */
final class CsvHeader {
  /** How many lines may stand before the header. */
  static final int LINES_BEFORE = 20;

  private static final int FEWEST_KNOWN_COLUMNS = 2;
  private static final int LONGEST = 1 << 16;
  private static final CsvMapper MAPPER =
      CsvMapper.builder()
          .enable(CsvParser.Feature.TRIM_SPACES)
          .enable(CsvParser.Feature.WRAP_AS_ARRAY)
          .build();

  private final String line;
  private final int end;
  private final char separator;
  private final ObjectReader rows;
  private final List<Optional<IntakeField>> columns;

  private CsvHeader(String line, int end, char separator) {
    // a tab that separates is no blank: the name before it is empty
    this.line = separator == '\t' ? line : Blanks.strip(line);
    this.end = end;
    this.separator = separator;
    this.rows =
        MAPPER
            .readerFor(String[].class)
            .with(CsvSchema.emptySchema().withColumnSeparator(separator));
    this.columns = cells(this.line).stream().map(IntakeField::ofFlatName).toList();
  }

  /** The line at {@code from} or soon after it that names most known fields, if one names any. */
  static Optional<CsvHeader> of(byte[] start, int from) {
    List<CsvHeader> headers = new ArrayList<>();
    int begin = from;
    for (int i = 0; i <= LINES_BEFORE && begin < start.length; i++) {
      int end = Lines.end(start, begin);
      at(start, begin, end).ifPresent(headers::add);
      at(start, begin, Lines.endOutsideQuotes(start, begin))
          .filter(CsvHeader::isOneRow)
          .ifPresent(headers::add);
      begin = Lines.next(start, end);
    }
    // The first of several that know as many: max would be the last.
    return headers.stream()
        .filter(header -> header.known() >= FEWEST_KNOWN_COLUMNS)
        .reduce((one, other) -> other.known() > one.known() ? other : one);
  }

  private static Optional<CsvHeader> at(byte[] start, int begin, int end) {
    return Utf8.decode(Arrays.copyOfRange(start, begin, Math.min(end, begin + LONGEST)))
        .flatMap(
            line ->
                Stream.of(',', ';', '\t', '|')
                    .map(separator -> new CsvHeader(line, end, separator))
                    .max(Comparator.comparingLong(CsvHeader::known)));
  }

  /** The header's own line, without its end. */
  String line() {
    return line;
  }

  /** Where its line ends (exclusive) in what was searched. */
  int end() {
    return end;
  }

  char separator() {
    return separator;
  }

  /** Whether two columns have the name of one field, so that no row can be read. */
  boolean repeatsAField() {
    Set<IntakeField> seen = new HashSet<>();
    return columns.stream().flatMap(Optional::stream).anyMatch(field -> !seen.add(field));
  }

  /**
   * The flat record of a row: its cells that are not blank, none if all are; or nothing if it does
   * not fit under the header.
   */
  Optional<ObjectNode> record(String row) {
    List<String> cells = cells(row);
    ObjectNode record = JsonObjects.create();
    for (int i = 0; i < cells.size(); i++) {
      String cell = Blanks.strip(cells.get(i));
      if (cell.isEmpty()) {
        continue;
      }
      if (i >= columns.size()) {
        return Optional.empty();
      }
      columns.get(i).ifPresent(field -> record.put(field.flatName(), cell));
    }
    return cells.isEmpty() ? Optional.empty() : Optional.of(record);
  }

  /** Whether no cell of the row, known or not, says anything. */
  boolean isBlank(String row) {
    List<String> cells = cells(row);
    return Blanks.strip(row).isEmpty()
        || (!cells.isEmpty() && cells.stream().allMatch(cell -> Blanks.strip(cell).isEmpty()));
  }

  private boolean isOneRow() {
    try (MappingIterator<String[]> lines = rows.readValues(line)) {
      lines.nextValue();
      return !lines.hasNextValue();
    } catch (IOException | NoSuchElementException e) {
      return false;
    }
  }

  private long known() {
    return columns.stream().flatMap(Optional::stream).count();
  }

  private List<String> cells(String row) {
    List<String> cells = new ArrayList<>();
    try (MappingIterator<String[]> lines = rows.readValues(row)) {
      while (lines.hasNextValue()) {
        cells.addAll(List.of(lines.nextValue()));
      }
    } catch (IOException e) {
      return List.of();
    }
    return cells;
  }
}
