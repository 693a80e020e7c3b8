package org.payerexchange.split;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import org.payerexchange.split.NobodysLines.Reason;
import org.payerexchange.split.Ownership.Rule;

/**
 * The lines that may go to members who do not own them, and which lead to which. They are added
 * first ({@link #add}, {@link #index}); then all other lines tell what they refer to ({@link
 * #refer}, {@link #own}); then it is settled whose the conditional ones are, and which of all are
 * referred to ({@link #settle}). Of several lines of one id the newest counts, by the version that
 * they tell, or else the first.
 *
 * <p>A conditional line is one member's if all that is known of it says so: each Patient that it
 * names, each line that refers to it, and all that it targets. A line of a stranger, of nobody or
 * of everybody that refers to it makes it nobody's; so does a target whose owner is not known.
 * Shareable targets do not count: the Provenance of a Procedure and of the Practitioner who did it
 * is the member's. What it names without targeting it counts where it is known whose that is.
 *
 * <p>Lines, names and references are in files; the heap has some bytes a line at most. Not
 * thread-safe.
 */
final class SharedLines implements Closeable {
  private final NobodysCounts nobodys;
  private final Path table;
  private final SharedFile file;
  private final SharedNotes notes;
  private final Edges edges;
  private final PlaceStack changed = new PlaceStack();
  private final BitSet reached = new BitSet();
  private final Edges referred;
  private final int[] given;
  private Names names;

  /**
   * Writes to files of a work folder.
   *
   * @param members how many members there are
   */
  SharedLines(WorkFolder work, NobodysCounts nobodys, int members) throws IOException {
    this.nobodys = nobodys;
    this.table = work.path(".names");
    this.file = new SharedFile(work, ".shared");
    this.notes = new SharedNotes(work, ".notes");
    this.edges = new Edges(work, ".edges");
    this.referred = new Edges(work, ".referred");
    this.given = new int[members];
  }

  /**
   * Adds a line of a shared type.
   *
   * @param owner whose it is by the Patients that it refers to, one of {@link Owners}
   */
  void add(String type, byte[] line, LineFacts facts, long owner) throws IOException {
    Reason unfit = isShareable(type) ? unfit(facts) : null;
    long place = Note.NOWHERE;
    if (unfit == null) {
      place = file.add(type, line);
    } else {
      nobodys.add(type, unfit, 1);
    }
    String id = facts.id().isEmpty() ? "#" + place : facts.id();
    notes.add(new Note(type, id, place, facts.version(), owner, targets(type, facts)));
  }

  private static Reason unfit(LineFacts facts) {
    boolean aboutAPatient =
        facts.refersToAPatient()
            || Stream.concat(facts.owners().stream(), facts.links().stream())
                .anyMatch(link -> link.whose().isOwned());
    if (aboutAPatient) {
      return Reason.ABOUT_A_PATIENT;
    }
    return facts.id().isEmpty() ? Reason.NOT_REFERRED_TO : null;
  }

  private static List<Note.Target> targets(String type, LineFacts facts) {
    List<Note.Target> targets = new ArrayList<>();
    facts.owners().forEach(link -> target(type, link, true, targets));
    facts.links().forEach(link -> target(type, link, false, targets));
    return targets;
  }

  private static void target(String type, Link link, boolean aimed, List<Note.Target> targets) {
    boolean counts = link.whose().isShared() || !isShareable(type);
    if (link.kind() == Link.Kind.OURS && counts && !link.isPatient()) {
      targets.add(new Note.Target(link.type(), link.id(), aimed));
    }
  }

  private static boolean isShareable(String type) {
    return Ownership.of(type).isShareable();
  }

  /** Makes all lines findable; none is added any more. */
  void index() throws IOException {
    file.finish();
    names = new Names(table, notes.names());
    notes.read(this::name);
    notes.read(this::connect);
    edges.finish();
  }

  private void name(Note note) {
    if (note.place() != Note.NOWHERE) {
      names.offer(names.findOrAdd(note.type(), note.id()), note.place(), note.version());
    }
  }

  private void connect(Note note) throws IOException {
    if (isShareable(note.type())) {
      connectShareable(note);
    } else {
      connectConditional(note);
    }
  }

  /** Whether a line is the one that counts of its id. */
  private boolean counts(Note note, int at) {
    boolean counts = names.line(at) == note.place();
    if (!counts) {
      nobodys.add(note.type(), Reason.REPEATED, 1);
    }
    return counts;
  }

  private void connectShareable(Note note) throws IOException {
    int from = note.place() == Note.NOWHERE ? -1 : names.find(note.type(), note.id());
    boolean counts = from >= 0 && counts(note, from);
    for (Note.Target target : note.targets()) {
      int to = names.find(target.type(), target.id());
      if (to >= 0 && !isShareable(target.type())) {
        names.own(to, Owners.MANY);
      } else if (to >= 0 && counts) {
        connect(from, to, false);
      }
    }
  }

  private void connectConditional(Note note) throws IOException {
    int from = names.find(note.type(), note.id());
    boolean counts = counts(note, from);
    names.own(from, note.owner());
    for (Note.Target target : note.targets()) {
      Ownership ownership = Ownership.of(target.type());
      if (!ownership.isShared()) {
        connect(names.findOrAdd(target.type(), target.id()), from, target.aimed());
        continue;
      }
      int to = names.find(target.type(), target.id());
      if (ownership.rule() == Rule.CONDITIONAL && target.aimed()) {
        if (to < 0) {
          names.own(from, Owners.MANY);
        } else {
          connect(to, from, true);
        }
      }
      if (to >= 0 && (counts || ownership.rule() == Rule.CONDITIONAL)) {
        connect(from, to, false);
      }
    }
  }

  private void connect(int from, int to, boolean aimed) throws IOException {
    names.chain(from, edges.add(to, aimed, names.chain(from)));
  }

  /**
   * Learns whose a resource is that is of no shared type.
   *
   * @param owner one of {@link Owners}
   */
  void own(String type, String id, long owner) {
    if (notes.types().contains(type)) {
      int at = names.find(type, id);
      if (at >= 0) {
        names.own(at, owner);
      }
    }
  }

  /**
   * Learns what a line of no shared type refers to.
   *
   * @param owner whose the line is, one of {@link Owners}
   * @param gets whether the owner gets it
   */
  void refer(List<Link> links, long owner, boolean gets) throws IOException {
    for (Link link : links) {
      if (link.kind() == Link.Kind.OURS && link.whose().isShared()) {
        refer(link.type(), link.id(), owner, gets);
      } else if (link.kind() == Link.Kind.UNTYPED && !link.id().isEmpty()) {
        for (String type : SharedFile.types()) {
          refer(type, link.id(), owner, gets);
        }
      }
    }
  }

  private void refer(String type, String id, long owner, boolean gets) throws IOException {
    int at = names.find(type, id);
    if (at >= 0 && (gets || !isShareable(type))) {
      names.own(at, owner);
    }
    if (at >= 0 && gets) {
      give(at, Owners.member(owner));
    }
  }

  private void give(int at, int member) throws IOException {
    given[member] = referred.add(at, false, given[member]);
  }

  /**
   * Finds out whose each conditional line is, and which lines nobody gets.
   *
   * @param out the members who get nothing
   */
  void settle(BitSet out) throws IOException {
    for (int at = 0; at < names.places(); at++) {
      if (names.isTaken(at) && !names.hasLine(at) && names.owner(at) == Owners.NONE) {
        disownAimedAt(at);
      }
    }
    for (int at = 0; at < names.places(); at++) {
      if (names.isTaken(at) && !isShareable(at) && names.owner(at) != Owners.NONE) {
        changed.push(at);
        spreadOwners();
      }
    }
    for (int at = 0; at < names.places(); at++) {
      if (names.isTaken(at) && isGiven(at, out)) {
        changed.push(at);
        spreadReferences();
      }
    }
    for (int at = 0; at < names.places(); at++) {
      if (names.isTaken(at) && isShareable(at) && names.owner(at) == Owners.NONE) {
        nobodys.add(type(at), Reason.NOT_REFERRED_TO, 1);
      }
    }
    referred.finish();
  }

  private boolean isShareable(int at) {
    return names.hasLine(at) && SharedFile.isShareable(names.line(at));
  }

  private String type(int at) {
    return SharedFile.type(names.line(at));
  }

  /** What is aimed at something of nobody knows whom is nobody's. */
  private void disownAimedAt(int unknown) {
    for (int chain = names.chain(unknown); chain != Edges.END; chain = edges.next(chain)) {
      if (edges.aimed(chain)) {
        names.own(edges.to(chain), Owners.MANY);
      }
    }
  }

  private void spreadOwners() {
    while (!changed.isEmpty()) {
      int from = changed.pop();
      for (int chain = names.chain(from); chain != Edges.END; chain = edges.next(chain)) {
        int to = edges.to(chain);
        if (!isShareable(to) && names.own(to, names.owner(from))) {
          changed.push(to);
        }
      }
    }
  }

  /** Whether a member gets a line without another's help; gives conditional ones to theirs. */
  private boolean isGiven(int at, BitSet out) throws IOException {
    long owner = names.owner(at);
    if (!names.hasLine(at) || isShareable(at)) {
      return names.hasLine(at) && owner != Owners.NONE;
    }
    int member = Owners.member(owner);
    if (member < 0) {
      boolean unknown = owner == Owners.NONE;
      nobodys.add(type(at), unknown ? Reason.NOT_REFERRED_TO : Reason.NOT_ONE_MEMBERS, 1);
    } else if (out.get(member)) {
      nobodys.add(type(at), Reason.MEMBER_OUT, 1);
    } else {
      give(at, member);
      return true;
    }
    return false;
  }

  private void spreadReferences() {
    while (!changed.isEmpty()) {
      int from = changed.pop();
      for (int chain = names.chain(from); chain != Edges.END; chain = edges.next(chain)) {
        int to = edges.to(chain);
        if (isShareable(to) && names.owner(to) == Owners.NONE) {
          names.own(to, Owners.MANY);
          changed.push(to);
        }
      }
    }
  }

  /**
   * The lines that a member's lines lead to, directly or through others; another's among them are
   * left out, with what only they lead to.
   *
   * @return where the lines lie, sorted by type and as they came: each once
   */
  long[] reach(int member) {
    PlaceStack found = new PlaceStack();
    for (int chain = given[member]; chain != Edges.END; chain = referred.next(chain)) {
      look(referred.to(chain), member, found);
    }
    long[] lines = new long[found.size()];
    for (int i = 0; i < lines.length; i++) {
      int at = found.pop();
      reached.clear(at);
      lines[i] = names.line(at);
    }
    Arrays.sort(lines);
    return lines;
  }

  private void look(int place, int member, PlaceStack found) {
    visit(place, member, found);
    while (!changed.isEmpty()) {
      int from = changed.pop();
      for (int chain = names.chain(from); chain != Edges.END; chain = edges.next(chain)) {
        visit(edges.to(chain), member, found);
      }
    }
  }

  private void visit(int at, int member, PlaceStack found) {
    boolean gets = isShareable(at) || Owners.member(names.owner(at)) == member;
    if (gets && names.hasLine(at) && !reached.get(at)) {
      reached.set(at);
      changed.push(at);
      found.push(at);
    }
  }

  /** A line, with its line feed, by where it lies. */
  byte[] line(long place) throws IOException {
    return file.read(place);
  }

  @Override
  public void close() throws IOException {
    try (file;
        notes;
        edges) {
      referred.close();
    }
  }
}
