package org.payerexchange.split;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.payerexchange.delivery.fhir.ResourceVersion;

/**
 * What is kept of a line of a shared type until all their names are known.
 *
 * @param type its resource type
 * @param id its own; one that no reference can name where it has none
 * @param place where the line lies; {@value #NOWHERE} if it goes to nobody
 * @param owner whose it is by the Patients that it refers to, one of {@link Owners}
 * @param targets what else it refers to
 */
record Note(
    String type, String id, long place, ResourceVersion version, long owner, List<Target> targets) {
  static final long NOWHERE = -1;

  /**
   * What a line refers to.
   *
   * @param aimed whether the line is about it, rather than only naming it
   */
  record Target(String type, String id, boolean aimed) {}

  void write(DataOutputStream to) throws IOException {
    to.writeUTF(type);
    to.writeUTF(id);
    to.writeLong(place);
    to.writeLong(version.number());
    to.writeLong(version.updated());
    to.writeLong(owner);
    to.writeInt(targets.size());
    for (Target target : targets) {
      to.writeUTF(target.type());
      to.writeUTF(target.id());
      to.writeBoolean(target.aimed());
    }
  }

  static Note read(DataInputStream from) throws IOException {
    String type = from.readUTF();
    String id = from.readUTF();
    long place = from.readLong();
    ResourceVersion version = new ResourceVersion(from.readLong(), from.readLong());
    long owner = from.readLong();
    int count = from.readInt();
    List<Target> targets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      targets.add(new Target(from.readUTF(), from.readUTF(), from.readBoolean()));
    }
    return new Note(type, id, place, version, owner, targets);
  }

  /** The type: ids may be PHI. */
  @Override
  public String toString() {
    return "Note[" + type + "]";
  }
}
