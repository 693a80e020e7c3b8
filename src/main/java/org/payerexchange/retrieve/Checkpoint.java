package org.payerexchange.retrieve;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.payerexchange.dialect.PatientData.Way;
import org.payerexchange.http.JsonLimits;

/**
 * How far a retrieval is, after a page: it goes on from there, whatever happens.
 *
 * @param way how the data is had
 * @param types that are asked for; empty: all
 * @param place what is read next
 * @param bytes how long the file of all resources is
 * @param pages how many were read
 * @param idle how many pages of the path in a row led on and brought nothing
 * @param beganAnew how often the path was read from its beginning, since a page was gone
 * @param missing what is missing
 * @param asOf when the payer made the first page, in its words; null if it does not say
 */
record Checkpoint(
    Way way,
    String types,
    Place place,
    long bytes,
    int pages,
    int idle,
    int beganAnew,
    Missing missing,
    String asOf) {

  private static final int IDLE_AT_MOST = 100;

  /** Before the first page. */
  static Checkpoint start(Way way, String types) {
    return new Checkpoint(way, types, Place.FIRST, 0, 0, 0, 0, Missing.NOTHING, null);
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
  Checkpoint after(long nowBytes, String following, Missing more, String made) {
    boolean leadsOn = following != null;
    return answered(
        place.then(following),
        nowBytes,
        leadsOn && nowBytes == bytes ? idle + 1 : 0,
        leadsOn ? beganAnew : 0,
        more,
        made);
  }

  /** After a resource that was read by reference. */
  Checkpoint read(long nowBytes) {
    return answered(place, nowBytes, 0, 0, Missing.NOTHING, null);
  }

  /** After one that could not be. */
  Checkpoint notRead(String name) {
    return answered(place, bytes, 0, 0, Missing.unread(name), null);
  }

  private Checkpoint answered(
      Place now, long nowBytes, int nowIdle, int anew, Missing more, String made) {
    return new Checkpoint(
        way,
        types,
        now,
        nowBytes,
        pages + 1,
        nowIdle,
        anew,
        missing.and(more),
        asOf == null ? made : asOf);
  }

  /** At the next alternative of the source. */
  Checkpoint otherwise() {
    return at(place.nextAlternative(), beganAnew, Missing.NOTHING);
  }

  /** Past a path that the payer refused. */
  Checkpoint without(String what) {
    return at(place.nextPath(), 0, Missing.refused(what));
  }

  /** At the beginning of the path. */
  Checkpoint anew() {
    return at(place.beginningOfPath(), beganAnew + 1, Missing.NOTHING);
  }

  /** Where a retry begins once the payer was asked in vain: what it said until then is old. */
  Checkpoint forRetry() {
    return at(place.beginningOfPath(), 0, Missing.NOTHING);
  }

  /** At the next source. */
  Checkpoint nextSource() {
    return at(place.nextSource(), beganAnew, Missing.NOTHING);
  }

  private Checkpoint at(Place now, int anew, Missing more) {
    return new Checkpoint(way, types, now, bytes, pages, 0, anew, missing.and(more), asOf);
  }

  /** Whether more of the data was had than before, or is known not to be. */
  boolean isBeyond(Checkpoint before) {
    return bytes != before.bytes || !place.equals(before.place);
  }

  /** Whether payers' pages lead in a circle: far more of them brought nothing than anything. */
  boolean leadsNowhere() {
    return idle > IDLE_AT_MOST + (pages - idle);
  }

  /** Not the URL. */
  @Override
  public String toString() {
    return "Checkpoint[%s, %s pages]".formatted(way, pages);
  }
}
