package org.payerexchange.split;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * The notes of all shared lines, in a file, since a reference may lead to a line that comes later.
 */
final class SharedNotes implements Closeable {
  private final Path path;
  private final DataOutputStream file;
  private final Set<String> types = new HashSet<>();
  private long notes;
  private long names;

  /** Writes to a file of a work folder. */
  SharedNotes(WorkFolder work, String name) throws IOException {
    path = work.path(name);
    file = new DataOutputStream(new BufferedOutputStream(work.create(path), 1 << 16));
  }

  /** Adds one. */
  void add(Note note) throws IOException {
    note.write(file);
    notes++;
    names++;
    for (Note.Target target : note.targets()) {
      types.add(target.type());
      names += Ownership.of(target.type()).isShared() ? 0 : 1;
    }
  }

  /** How many names there are at most. */
  long names() {
    return names;
  }

  /** The types of what the lines refer to. */
  Set<String> types() {
    return types;
  }

  /** Takes a note. */
  @FunctionalInterface
  interface Reader {
    void take(Note note) throws IOException;
  }

  /** Hands them over in the order in which they came; none is added any more. */
  void read(Reader reader) throws IOException {
    file.close();
    try (DataInputStream from =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(path), 1 << 16))) {
      for (long note = 0; note < notes; note++) {
        reader.take(Note.read(from));
      }
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
