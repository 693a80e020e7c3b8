package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.MatchScenario;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.support.TestBundle;

/** Answers of matches that are not what they should be: each ends with a reason. */
class PdexBadAnswersTest {
  private static final int SIZE = 4;

  @TempDir Path folder;
  private Sandbox sandbox;
  private TestBundle bundle;
  private PdexFolders folders;
  private final List<PdexMember> plain = PdexPayer.plain(0, SIZE - 1);

  @BeforeEach
  void start() throws Exception {
    sandbox = PdexPayer.sandbox();
    bundle = PdexPayer.add(TestBundle.in(folder), sandbox, SIZE).start();
    folders = new PdexFolders(bundle, sandbox);
  }

  @AfterEach
  void stop() {
    bundle.close();
    sandbox.close();
  }

  @Test
  void aGroupWithoutACodeMatchesNobody() throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, SIZE);
    sandbox.faults().rates(Map.of(Fault.WITHOUT_CODE, 1.0));

    PdexPayer.take(bundle, members);

    for (PdexMember member : members) {
      folders.awaitNothing(member, "FAILED", "BAD_ANSWER");
    }
    folders.awaitReleased();
    folders.assertJobs(1 + SIZE, 0);
    folders.assertNobodyIsNamed(members);
  }

  @Test
  void aMemberReferenceThatLeadsNowhereGivesNobodyAnything() throws Exception {
    PdexMember nowhere = PdexPayer.member(7, MatchScenario.NOWHERE);

    PdexPayer.take(bundle, with(nowhere));

    assertThatThePlainGetTheirOwn();
    // asked for alone it is the one that the answer means, and the payer has nothing of it
    String id = folders.awaitNothing(nowhere, "COMPLETE", null);
    assertThat(folders.warnings(id)).containsExactly("the export holds nothing of this member");
    folders.awaitReleased();
    folders.assertJobs(2, 2);
  }

  @Test
  void aMemberThatIsThereTwiceGetsItsDataOnce() throws Exception {
    PdexMember twice = PdexPayer.member(7, MatchScenario.TWICE);

    PdexPayer.take(bundle, with(twice));

    assertThatThePlainGetTheirOwn();
    folders.awaitServed(twice);
    folders.awaitReleased();
    folders.assertJobs(1, 1);
  }

  @Test
  void aMemberThatIsMatchedAndNotMatchedIsAskedForAloneAndFails() throws Exception {
    PdexMember both = PdexPayer.member(7, MatchScenario.TWO_BUCKETS);

    PdexPayer.take(bundle, with(both));

    assertThatThePlainGetTheirOwn();
    folders.awaitNothing(both, "FAILED", "BAD_ANSWER");
    folders.awaitReleased();
    folders.assertJobs(2, 1);
  }

  @Test
  void anIdOfAnotherRequestGivesNobodyThatMembersData() throws Exception {
    PdexMember stranger = PdexPayer.member(7, MatchScenario.STRANGER);
    List<PdexMember> before = PdexPayer.plain(20, SIZE);
    PdexPayer.take(bundle, before);
    for (PdexMember member : before) {
      folders.awaitServed(member);
    }

    PdexPayer.take(bundle, with(stranger));

    assertThatThePlainGetTheirOwn();
    folders.awaitNothing(stranger, "FAILED", "BAD_ANSWER");
    folders.awaitReleased();
    folders.assertJobs(3, 2);
  }

  @Test
  void twoMembersWithOnePatientBothGetNothing() throws Exception {
    PdexMember same = PdexPayer.member(SIZE - 1, MatchScenario.SAME_PATIENT);

    PdexPayer.take(bundle, with(same));

    folders.awaitServed(plain.get(0));
    folders.awaitServed(plain.get(1));
    folders.awaitNothing(plain.get(2), "NO_MATCH", "AMBIGUOUS_MATCH");
    folders.awaitNothing(same, "NO_MATCH", "AMBIGUOUS_MATCH");
    folders.awaitReleased();
    folders.assertJobs(1, 1);
  }

  @Test
  void aHundredThousandMembersInTheAnswerEndWithAReasonAndNothingHangs() throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, SIZE);
    sandbox.faults().rates(Map.of(Fault.CROWD, 1.0));

    PdexPayer.take(bundle, members);

    for (PdexMember member : members) {
      folders.awaitNothing(member, "FAILED", "TOO_LARGE");
    }
    folders.awaitReleased();
    folders.assertNobodyIsNamed(members);
  }

  @Test
  void aLocationThatIsAPathLeadsToTheJob() throws Exception {
    sandbox.faults().rates(Map.of(Fault.RELATIVE_LOCATION, 1.0));
    PdexMember member = PdexPayer.member(7, MatchScenario.PLAIN);

    PdexPayer.take(bundle, with(member));

    assertThatThePlainGetTheirOwn();
    folders.awaitServed(member);
    folders.awaitReleased();
    folders.assertJobs(1, 1);
  }

  private List<PdexMember> with(PdexMember member) {
    List<PdexMember> members = new ArrayList<>(plain);
    members.add(member);
    return members;
  }

  private void assertThatThePlainGetTheirOwn() throws Exception {
    for (PdexMember member : plain) {
      folders.awaitServed(member);
    }
  }
}
