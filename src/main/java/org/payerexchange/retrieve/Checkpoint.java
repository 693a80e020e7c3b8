package org.payerexchange.retrieve;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.ArrayList;
import java.util.List;
import org.payerexchange.dialect.PatientData.Way;
import org.payerexchange.http.JsonLimits;

/**
 * How far a retrieval is, after a page: it goes on from there, whatever happens.
 *
 * @param way how the data is had
 * @param types that are asked for; empty: all
 * @param source which of what is read; those behind the last are what is read by reference
 * @param alternative which way of reading it
 * @param path which of its paths
 * @param next where the next page is; null for the first of the path
 * @param bytes how long the file of all resources is
 * @param pages how many were read
 * @param beganAnew how often the path was read from its beginning, since a page was gone
 * @param left what was left out
 * @param refused what the payer refused, in words without PHI
 * @param asOf when the payer made the first page, in its words; null if it does not say
 */
record Checkpoint(
    Way way,
    String types,
    int source,
    int alternative,
    int path,
    String next,
    long bytes,
    int pages,
    int beganAnew,
    Left left,
    List<String> refused,
    String asOf) {

  /**
   * What was left out.
   *
   * @param others resources of other Patients
   * @param empty entries without a resource
   * @param outcomes what the payer says of the pages
   * @param unread resources that others refer to, and that could not be had
   */
  record Left(long others, long empty, long outcomes, long unread) {
    static final Left NOTHING = new Left(0, 0, 0, 0);

    static final Left UNREAD = new Left(0, 0, 0, 1);

    Left and(Left more) {
      return new Left(
          others + more.others, empty + more.empty, outcomes + more.outcomes, unread + more.unread);
    }
  }

  Checkpoint {
    refused = List.copyOf(refused);
  }

  /** Before the first page. */
  static Checkpoint start(Way way, String types) {
    return new Checkpoint(way, types, 0, 0, 0, null, 0, 0, 0, Left.NOTHING, List.of(), null);
  }

  /** Reads one as {@link #text} wrote it. */
  static Checkpoint parse(String text) {
    try {
      return JsonLimits.mapper().readValue(text, Checkpoint.class);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("a checkpoint cannot be read", impossible);
    }
  }

  String text() {
    try {
      return JsonLimits.mapper().writeValueAsString(this);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("a checkpoint cannot be written", impossible);
    }
  }

  /** After a page. */
  Checkpoint after(long nowBytes, String following, Left more, String at) {
    return at(source, alternative, following == null ? path + 1 : path, following)
        .with(nowBytes, pages + 1, following == null ? 0 : beganAnew, left.and(more), refused, at);
  }

  /** After a resource that was read by reference, or could not be. */
  Checkpoint read(long nowBytes, Left more) {
    return with(nowBytes, pages + 1, 0, left.and(more), refused, asOf);
  }

  /** What could not be read by reference is asked for once more. */
  Checkpoint again() {
    return with(
        bytes,
        pages,
        beganAnew,
        new Left(left.others(), left.empty(), left.outcomes(), 0),
        refused,
        asOf);
  }

  /** At the next alternative of the source. */
  Checkpoint otherwise() {
    return at(source, alternative + 1, 0, null);
  }

  /** Past a path that the payer refused. */
  Checkpoint without(String what) {
    List<String> all = new ArrayList<>(refused);
    all.add(what);
    return at(source, alternative, path + 1, null).with(bytes, pages, 0, left, all, asOf);
  }

  /** At the beginning of the path. */
  Checkpoint anew() {
    return at(source, alternative, path, null)
        .with(bytes, pages, beganAnew + 1, left, refused, asOf);
  }

  /** At the next source. */
  Checkpoint nextSource() {
    return at(source + 1, 0, 0, null);
  }

  private Checkpoint at(int nowSource, int nowAlternative, int nowPath, String following) {
    return new Checkpoint(
        way,
        types,
        nowSource,
        nowAlternative,
        nowPath,
        following,
        bytes,
        pages,
        beganAnew,
        left,
        refused,
        asOf);
  }

  private Checkpoint with(
      long nowBytes, int nowPages, int anew, Left nowLeft, List<String> nowRefused, String at) {
    return new Checkpoint(
        way,
        types,
        source,
        alternative,
        path,
        next,
        nowBytes,
        nowPages,
        anew,
        nowLeft,
        nowRefused,
        asOf == null ? at : asOf);
  }

  /** Not the URL. */
  @Override
  public String toString() {
    return "Checkpoint[%s, %d pages]".formatted(way, pages);
  }
}
