package org.payerexchange.intake;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/** One file of the inbox in a reader's hands; used by one thread at a time. */
public final class InboxReading implements InputEnd {
  private final InboxFile file;
  private Consumer<InboxFile> outcome;
  private InputStream content = InputStream.nullInputStream();
  private boolean locked;
  private int ends;
  private boolean endLeftOut;
  private boolean wholeKept;

  /**
   * A file that is not open yet.
   *
   * @param otherwise what becomes of it if nothing else is said
   */
  InboxReading(InboxFile file, Consumer<InboxFile> otherwise) {
    this.file = file;
    this.outcome = otherwise;
  }

  InboxFile file() {
    return file;
  }

  boolean isLocked() {
    return locked;
  }

  void setLocked() {
    locked = true;
  }

  /** How often a process ended while it read the file, which is to be forgotten behind this. */
  void setEnds(int times) {
    ends = times;
  }

  boolean hasEnds() {
    return ends > 0;
  }

  InputStream opened(InputStream opened) {
    content = opened;
    return opened;
  }

  @Override
  public boolean isJudged() {
    endLeftOut |= !file.endIsJudged();
    return file.endIsJudged();
  }

  boolean isEndLeftOut() {
    return endLeftOut;
  }

  /** Whether the whole file is still to be kept with a rejection; true once. */
  boolean isWholeWanted() {
    boolean wanted = !wholeKept;
    wholeKept = true;
    return wanted;
  }

  /** Says what becomes of the file once the reader gives it out of its hands. */
  void then(Consumer<InboxFile> next) {
    outcome = next;
  }

  void finish() throws IOException {
    try {
      content.close();
    } finally {
      outcome.accept(file);
    }
  }
}
