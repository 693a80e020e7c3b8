package org.payerexchange.split;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.payer.Payer;
import org.payerexchange.split.Members.Verdict;
import org.payerexchange.split.NobodysLines.Reason;

/**
 * Splits the output files of an export for several members, in two passes: {@link #read} appends
 * each line that has an owner to a file of that member's; {@link #files} adds, one member at a
 * time, the shareable lines that the member's refer to. No member gets a line that says that it is
 * about another.
 *
 * <p>What decides is the line itself, by the table of {@link Ownership}, and nothing beside it:
 *
 * <ul>
 *   <li>A Patient is its own owner by its id; any other line with an owner element is that of the
 *       one Patient whom the element names, at this payer. One who is no member of the job is a
 *       stranger. Another host's Patient is one, too, whatever the id; a version of a Patient
 *       ({@code _history}) is that Patient. Several owners, a contained one, or one of whom only an
 *       identifier or a UUID is told make a line nobody's.
 *   <li>A line goes to its owner as it stands, whoever else is named in it, contained Patients
 *       included: the spouse who pays is a part of the member's Coverage.
 *   <li>A line that is there twice, or two of one id, go to whom each of them names.
 *   <li>What a member's line refers to comes along only if it is shareable, at any number of
 *       removes; another member's line never does. A shareable line that refers to a Patient or to
 *       something of one, to something whose type cannot be told, or that holds a contained
 *       resource of another than a shared type, goes to nobody.
 *   <li>Device, Binary and Provenance: {@link SharedLines}.
 *   <li>A line beyond our limits of JSON goes to nobody, and what it refers to is not known.
 *   <li>A member who is out gets nothing from then on; the member's lines still keep conditional
 *       ones from others.
 * </ul>
 *
 * <p>A split that ended before it was closed is begun anew: what it left in its folder is deleted.
 * The same sources and members give the same files, byte for byte. In memory are one line, what is
 * gathered for the files, and some bytes for each member and each shared line; at most ten files
 * are open. What is read is read by one thread; then any number may make members' files.
 */
public final class MemberSplit implements Closeable {
  private static final int GATHERED = 32 * 1024 * 1024;
  private static final int BUFFER = 64 * 1024;
  private static final int LINES_A_BEAT = 256;

  private final WorkFolder work;
  private final Members members;
  private final Predicate<SplitMember> wanted;
  private final BitSet out = new BitSet();
  private final NobodysCounts nobodys = new NobodysCounts();
  private final LineReader reader;
  private final LinesByMember appended;
  private final SharedLines shared;

  /**
   * Begins.
   *
   * @param folder is this split's alone while its lease lasts, on the file system of the outbox;
   *     what is in it is deleted
   * @param payer whose export it was
   * @param members all members of the job, those who are done already as well: whose a line is does
   *     not depend on who still waits for it
   * @param wanted whether a member may still get anything: not cancelled, consent in force; asked
   *     before the first pass, and again right before the member's turn in the second
   * @param beat is run before each write, and now and then in between; what it throws ends the
   *     split
   * @throws IOException if the folder cannot be used
   * @throws IllegalArgumentException if a Patient is not told, or two members are one Patient or
   *     transfer
   */
  public MemberSplit(
      Path folder,
      Payer payer,
      List<SplitMember> members,
      Predicate<SplitMember> wanted,
      Runnable beat)
      throws IOException {
    this(folder, payer, members, wanted, beat, GATHERED);
  }

  MemberSplit(
      Path folder,
      Payer payer,
      List<SplitMember> members,
      Predicate<SplitMember> wanted,
      Runnable beat,
      int gathered)
      throws IOException {
    this.members = new Members(members);
    this.wanted = wanted;
    this.work = new WorkFolder(folder, beat);
    this.reader = new LineReader(new Links(payer));
    this.appended = new LinesByMember(work, members.size(), gathered);
    work.clear();
    this.shared = new SharedLines(work, nobodys, members.size());
  }

  /**
   * Reads all output files of the job, those first whose lines are shared.
   *
   * @throws IOException if they, or the work folder, cannot be used
   * @throws IllegalArgumentException if they have more lines of shared types than fit into a table
   */
  public void read(List<SplitSource> sources) throws IOException {
    for (int member = 0; member < members.all().size(); member++) {
      out.set(member, !wanted.test(members.all().get(member)));
    }
    for (SplitSource source : sources) {
      each(source, true, this::share);
    }
    shared.index();
    for (SplitSource source : sources) {
      each(source, false, this::append);
    }
    shared.settle(out);
    appended.flush();
  }

  private interface Step {
    void take(String type, byte[] line, LineFacts facts) throws IOException;
  }

  private void each(SplitSource source, boolean ofSharedTypes, Step step) throws IOException {
    if (!source.holdsAllTypes()
        && Ownership.of(source.resourceType()).isShared() != ofSharedTypes) {
      return;
    }
    try (NdjsonLines lines = new NdjsonLines(Files.newInputStream(source.path()))) {
      long number = 0;
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        if (number++ % LINES_A_BEAT == 0) {
          work.beat();
        }
        String type = source.holdsAllTypes() ? type(line) : source.resourceType();
        boolean header = source.holdsAllTypes() && LineType.isHeader(type);
        if (Ownership.of(type).isShared() == ofSharedTypes && !header) {
          each(type, line, step);
        }
      }
    }
  }

  private void each(String type, byte[] line, Step step) throws IOException {
    Optional<LineFacts> facts = reader.read(line, Ownership.of(type));
    if (facts.isPresent()) {
      step.take(type, line, facts.get());
    } else {
      nobodys.add(type, Reason.UNREADABLE, 1);
    }
  }

  private static String type(byte[] line) {
    try {
      return LineType.of(line);
    } catch (IOException beyondLimits) {
      return FileKind.ALL_TYPES;
    }
  }

  private void share(String type, byte[] line, LineFacts facts) throws IOException {
    shared.add(type, line, facts, members.owner(facts));
  }

  private void append(String type, byte[] line, LineFacts facts) throws IOException {
    Verdict verdict = members.judge(Ownership.of(type), facts);
    boolean gets = verdict.member() >= 0 && !out.get(verdict.member());
    shared.own(type, facts.id(), verdict.owner());
    shared.refer(facts.owners(), verdict.owner(), gets);
    shared.refer(facts.links(), verdict.owner(), gets);
    if (gets) {
      appended.add(verdict.member(), type, line);
    } else {
      nobodys.add(type, verdict.member() < 0 ? verdict.reason() : Reason.MEMBER_OUT, 1);
    }
  }

  /**
   * Makes a member's files whole, once for each member. They lie in the work folder, private, and
   * are not forced to the disk; the caller puts them where they belong before this is closed.
   *
   * @return one a type, sorted by type; none at all if there is nothing for the member; empty if
   *     the member is out
   * @throws IOException if the work folder cannot be used
   */
  public Optional<List<MemberFile>> files(SplitMember member) throws IOException {
    int place = members.find(member.patientId());
    if (isOut(place)) {
      return Optional.empty();
    }
    if (!wanted.test(member)) {
      drop(place);
      return Optional.empty();
    }
    List<MemberFile> files = own(place);
    files.addAll(shared(place));
    files.sort(Comparator.comparing(MemberFile::resourceType));
    return Optional.of(files);
  }

  private synchronized boolean isOut(int member) {
    return out.get(member);
  }

  private List<MemberFile> own(int member) throws IOException {
    List<MemberFile> files = new ArrayList<>();
    byte[] buffer = new byte[BUFFER];
    for (String type : appended.types()) {
      long lines = appended.lines(member, type);
      if (lines > 0) {
        work.beat();
        files.add(Measure.of(type, appended.file(member, type), lines, buffer));
      }
    }
    return files;
  }

  private synchronized List<MemberFile> shared(int member) throws IOException {
    List<MemberFile> files = new ArrayList<>();
    long[] lines = shared.reach(member);
    for (int at = 0; at < lines.length; ) {
      int end = at + 1;
      while (end < lines.length && type(lines, end).equals(type(lines, at))) {
        end++;
      }
      files.add(write(appended.file(member, type(lines, at)), Arrays.copyOfRange(lines, at, end)));
      at = end;
    }
    return files;
  }

  private static String type(long[] lines, int at) {
    return SharedFile.type(lines[at]);
  }

  private MemberFile write(Path file, long[] lines) throws IOException {
    Measure measure = new Measure();
    try (OutputStream to = new BufferedOutputStream(work.create(file), BUFFER)) {
      for (long place : lines) {
        byte[] line = shared.line(place);
        measure.add(line, line.length);
        to.write(line);
      }
    }
    return measure.end(type(lines, 0), file, lines.length);
  }

  /** Counts what the member would have had, and deletes it. */
  private synchronized void drop(int member) throws IOException {
    out.set(member);
    for (String type : appended.types()) {
      if (appended.lines(member, type) > 0) {
        nobodys.add(type, Reason.MEMBER_OUT, appended.lines(member, type));
        Files.delete(appended.file(member, type));
      }
    }
    for (long line : shared.reach(member)) {
      String type = SharedFile.type(line);
      if (Ownership.of(type).rule() == Ownership.Rule.CONDITIONAL) {
        nobodys.add(type, Reason.MEMBER_OUT, 1);
      }
    }
  }

  /**
   * The lines that go to nobody, sorted by type and reason. Once each member had its turn they are
   * all: with those that members got, each line of the sources is counted once, save shareable ones
   * that only a member refers to who was out by its turn.
   */
  public List<NobodysLines> nobodys() {
    return nobodys.toList();
  }

  /** Deletes what is left in the work folder. */
  @Override
  public void close() throws IOException {
    shared.close();
    work.delete();
  }
}
