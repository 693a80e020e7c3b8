package org.payerexchange.delivery.fhir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.payerexchange.files.PrivateFiles;

/**
 * A file of the work directory that counts the references of an output file that lead nowhere, a
 * line for each parcel that had some: {@code <last line of the parcel> <count>}.
 *
 * @param file need not exist
 */
record CutReferences(Path file) {
  private static final Pattern NOTE = Pattern.compile("([0-9]{1,18}) ([0-9]{1,18})");

  /** Adds those of a parcel. */
  void add(long lastLine, long count) throws IOException {
    if (count > 0) {
      if (!Files.exists(file)) {
        PrivateFiles.create(file).close();
      }
      Files.writeString(file, note(lastLine, count), StandardOpenOption.APPEND);
    }
  }

  /** Forgets those behind a line: the delivery goes on there once more. */
  void keepUpTo(long line) throws IOException {
    if (Files.exists(file)) {
      long count = count(line);
      Path kept = file.resolveSibling(file.getFileName() + ".part");
      PrivateFiles.create(kept).close();
      Files.writeString(kept, note(line, count), StandardOpenOption.APPEND);
      Files.move(kept, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** All of them. */
  long count() throws IOException {
    return count(Long.MAX_VALUE);
  }

  private long count(long upTo) throws IOException {
    long count = 0;
    if (Files.exists(file)) {
      try (BufferedReader notes = Files.newBufferedReader(file, StandardCharsets.US_ASCII)) {
        for (String each = notes.readLine(); each != null; each = notes.readLine()) {
          Matcher note = NOTE.matcher(each);
          if (note.matches() && Long.parseLong(note.group(1)) <= upTo) {
            count += Long.parseLong(note.group(2));
          }
        }
      }
    }
    return count;
  }

  private static String note(long line, long count) {
    return line + " " + count + "\n";
  }
}
