package org.payerexchange.retrieve;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
 * @param idle how many pages in a row brought nothing
 * @param beganAnew how often the path was read from its beginning, since a page was gone
 * @param left what was left out
 * @param refused what the payer refused, in words without PHI
 * @param unread what others refer to, and could not be had, as {@code Practitioner/1}
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
    int idle,
    int beganAnew,
    Left left,
    List<String> refused,
    List<String> unread,
    String asOf) {

  private static final int IDLE_AT_MOST = 100;

  /**
   * What was left out.
   *
   * @param others resources of other Patients
   * @param empty entries without a resource
   * @param outcomes what the payer says of the pages
   */
  record Left(long others, long empty, long outcomes) {
    static final Left NOTHING = new Left(0, 0, 0);

    Left and(Left more) {
      return new Left(others + more.others, empty + more.empty, outcomes + more.outcomes);
    }
  }

  Checkpoint {
    refused = List.copyOf(refused);
    unread = List.copyOf(unread);
  }

  /** Before the first page. */
  static Checkpoint start(Way way, String types) {
    return new Checkpoint(
        way, types, 0, 0, 0, null, 0, 0, 0, 0, Left.NOTHING, List.of(), List.of(), null);
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
        .with(
            nowBytes,
            pages + 1,
            following == null ? 0 : beganAnew,
            left.and(more),
            refused,
            unread,
            at);
  }

  /** After a resource that was read by reference. */
  Checkpoint read(long nowBytes) {
    return with(nowBytes, pages + 1, 0, left, refused, unread, asOf);
  }

  /** After one that could not be. */
  Checkpoint notRead(String name) {
    return with(bytes, pages + 1, 0, left, refused, and(unread, name), asOf);
  }

  /** At the next alternative of the source. */
  Checkpoint otherwise() {
    return at(source, alternative + 1, 0, null);
  }

  /** Past a path that the payer refused. */
  Checkpoint without(String what) {
    return at(source, alternative, path + 1, null)
        .with(bytes, pages, 0, left, and(refused, what), unread, asOf);
  }

  /** At the beginning of the path. */
  Checkpoint anew() {
    return at(source, alternative, path, null)
        .with(bytes, pages, beganAnew + 1, left, refused, unread, asOf);
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
        idle,
        beganAnew,
        left,
        refused,
        unread,
        asOf);
  }

  private static List<String> and(List<String> some, String more) {
    List<String> all = new ArrayList<>(some);
    all.add(more);
    return all;
  }

  /** Whether more of the data was had than before, or is known not to be. */
  boolean isBeyond(Checkpoint before) {
    return bytes != before.bytes
        || source != before.source
        || alternative != before.alternative
        || path != before.path
        || !Objects.equals(next, before.next);
  }

  /** Whether payers' pages lead in a circle: far more of them brought nothing than anything. */
  boolean isIdle() {
    return idle > IDLE_AT_MOST + (pages - idle);
  }

  private Checkpoint with(
      long nowBytes,
      int nowPages,
      int anew,
      Left nowLeft,
      List<String> nowRefused,
      List<String> nowUnread,
      String at) {
    return new Checkpoint(
        way,
        types,
        source,
        alternative,
        path,
        next,
        nowBytes,
        nowPages,
        nowPages == pages ? idle : nowBytes == bytes ? idle + 1 : 0,
        anew,
        nowLeft,
        nowRefused,
        nowUnread,
        asOf == null ? at : asOf);
  }

  /** Not the URL. */
  @Override
  public String toString() {
    return "Checkpoint[%s, %d pages]".formatted(way, pages);
  }
}
