package org.payerexchange.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.payerexchange.ledger.store.TestDatabase;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.GroupShape;
import org.payerexchange.sandbox.MatchForm;
import org.payerexchange.sandbox.MatchScenario;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.ResultFile;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.TestBundle;

/** Batches of members, from a CSV file to each one's folder. */
class PdexBatchesTest {
  @RegisterExtension final Gateway gateway = new Gateway();
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  void twentyMembersAreOneMatchAndOneExportAndEachEndsAsThePayerHasIt(TestDatabase database)
      throws Exception {
    List<PdexMember> matched = new ArrayList<>(PdexPayer.plain(0, 12));
    matched.add(PdexPayer.member(12, MatchScenario.EMPTY));
    matched.add(PdexPayer.member(13, MatchScenario.TWICE));
    matched.add(PdexPayer.member(14, MatchScenario.WITHOUT_PATIENT));
    PdexMember unknown = PdexPayer.member(15, MatchScenario.UNKNOWN);
    PdexMember constrained = PdexPayer.member(16, MatchScenario.CONSENT_CONSTRAINED);
    PdexMember one = PdexPayer.member(17, MatchScenario.PLAIN);
    PdexMember same = PdexPayer.member(18, MatchScenario.SAME_PATIENT);
    PdexMember unread = PdexPayer.member(19, MatchScenario.NO_BUCKET);
    try (Sandbox sandbox = PdexPayer.sandbox();
        TestBundle bundle =
            PdexPayer.add(TestBundle.in(folder), sandbox, 20)
                .set("p2p.database.url", database.newUrl(folder))
                .set("p2p.database.user", "postgres")
                .start()) {
      sandbox.faults().rates(Map.of(Fault.GROUPS_LOST, 1.0));
      PdexFolders folders = new PdexFolders(bundle, sandbox);
      List<PdexMember> all = new ArrayList<>(matched);
      all.addAll(List.of(unknown, constrained, one, same, unread));

      PdexPayer.take(bundle, all);

      List<String> served = new ArrayList<>();
      for (PdexMember member : matched) {
        served.add(folders.awaitServed(member));
      }
      folders.awaitNothing(unknown, "NO_MATCH", "NO_MATCH");
      folders.awaitNothing(constrained, "NO_MATCH", "CONSENT_CONSTRAINED");
      folders.awaitNothing(one, "NO_MATCH", "AMBIGUOUS_MATCH");
      folders.awaitNothing(same, "NO_MATCH", "AMBIGUOUS_MATCH");
      folders.awaitNothing(unread, "FAILED", "BAD_ANSWER");
      folders.awaitReleased();
      folders.assertJobs(2, 1);
      assertThat(sandbox.bulkMatches().get(0).submitted())
          .containsExactlyInAnyOrderElementsOf(all.stream().map(PdexMember::coverageId).toList());
      assertThat(sandbox.bulkMatches().get(1).submitted()).containsExactly(unread.coverageId());
      assertThat(sandbox.requests().received(RequestKind.BULK_MATCH)).isEqualTo(2);
      assertThat(sandbox.groupExports().get(0).members())
          .as("who is exported")
          .containsExactlyInAnyOrderElementsOf(matched);
      folders.assertNobodysLinesAreCounted(served);
      folders.assertNobodyIsNamed(all);
    }
  }

  @Test
  void aMemberThatThePayerRefusesAWholeRequestForStandsAloneInTheEndAndFailsAlone()
      throws Exception {
    PdexMember bad = PdexPayer.member(13, MatchScenario.UNPROCESSABLE);
    List<PdexMember> good = new ArrayList<>(PdexPayer.plain(0, 13));
    good.addAll(PdexPayer.plain(14, 2));
    List<PdexMember> all = new ArrayList<>(good);
    all.add(bad);
    try (Sandbox sandbox = PdexPayer.sandbox();
        TestBundle bundle = PdexPayer.add(TestBundle.in(folder), sandbox, 16).start()) {
      PdexFolders folders = new PdexFolders(bundle, sandbox);

      PdexPayer.take(bundle, all);

      for (PdexMember member : good) {
        folders.awaitServed(member);
      }
      folders.awaitNothing(bad, "FAILED", "PAYER_REFUSED");
      assertThat(folders.failedAt(bad)).isEqualTo("MATCH_BATCH");
      folders.awaitReleased();
      // of 16, 8, 4, 2 members and of the bad one alone; what was taken had 8, 4, 2 and 1
      assertThat(sandbox.requests().received(RequestKind.BULK_MATCH)).isEqualTo(9);
      folders.assertJobs(4, 4);
      assertThat(sandbox.bulkMatches())
          .extracting(match -> match.submitted().size())
          .containsExactlyInAnyOrder(8, 4, 2, 1);
    }
  }

  @Test
  void aRefusalThatComesWithTheStatusOfTheMatchIsHalvedAsWell() throws Exception {
    PdexMember bad = PdexPayer.member(3, MatchScenario.UNPROCESSABLE);
    List<PdexMember> good = PdexPayer.plain(0, 3);
    try (Sandbox sandbox = PdexPayer.sandbox();
        TestBundle bundle = PdexPayer.add(TestBundle.in(folder), sandbox, 4).start()) {
      sandbox.faults().rates(Map.of(Fault.REFUSED_LATE, 1.0));
      PdexFolders folders = new PdexFolders(bundle, sandbox);

      PdexPayer.take(bundle, Stream.concat(good.stream(), Stream.of(bad)).toList());

      for (PdexMember member : good) {
        folders.awaitServed(member);
      }
      folders.awaitNothing(bad, "FAILED", "JOB_FAILED");
      assertThat(folders.failedAt(bad)).isEqualTo("MATCH_BATCH");
      folders.awaitReleased();
      folders.assertJobs(5, 2);
    }
  }

  @Test
  void aPayerThatTakesFewerMembersAtOnceGetsThemInParts() throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, 8);
    try (Sandbox sandbox =
            PdexPayer.sandbox(
                pdex -> pdex.holding(new GroupShape(4, 0, 1)).upTo(4, Integer.MAX_VALUE));
        TestBundle bundle = PdexPayer.add(TestBundle.in(folder), sandbox, 8).start()) {
      PdexFolders folders = new PdexFolders(bundle, sandbox);

      PdexPayer.take(bundle, members);

      for (PdexMember member : members) {
        folders.awaitServed(member);
      }
      folders.awaitReleased();
      folders.assertJobs(2, 2);
    }
  }

  @Test
  void membersWhoseEntriesCannotBeToldApartAreAskedForOneByOne() throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, 3);
    try (Sandbox sandbox = PdexPayer.sandbox();
        TestBundle bundle = PdexPayer.add(TestBundle.in(folder), sandbox, 3).start()) {
      sandbox.faults().rates(Map.of(Fault.RENUMBERED_IDS, 1.0, Fault.WITHOUT_PATIENTS, 1.0));
      PdexFolders folders = new PdexFolders(bundle, sandbox);

      PdexPayer.take(bundle, members);

      for (PdexMember member : members) {
        folders.awaitServed(member);
      }
      folders.awaitReleased();
      assertThat(sandbox.bulkMatches())
          .extracting(match -> match.submitted().size())
          .containsExactly(3, 1, 1, 1);
      folders.assertJobs(4, 3);
    }
  }

  @Test
  void aBatchThatDoesNotBecomeFullIsAskedForOnceItHasWaited() throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, 3);
    try (Sandbox sandbox = PdexPayer.sandbox();
        TestBundle bundle =
            PdexPayer.add(TestBundle.in(folder), sandbox, 100)
                .set("p2p.payers.bison.match-batch-wait", "3s")
                .start()) {
      PdexFolders folders = new PdexFolders(bundle, sandbox);

      PdexPayer.take(bundle, members);

      for (PdexMember member : members) {
        folders.awaitServed(member);
      }
      folders.awaitReleased();
      folders.assertJobs(1, 1);
    }
  }

  static Stream<Arguments> forms() {
    return Stream.concat(
        Arrays.stream(MatchForm.values()).map(form -> Arguments.of(form, ResultFile.NDJSON)),
        Stream.of(ResultFile.PRETTY, ResultFile.BINARY, ResultFile.AS_ACCEPTED)
            .map(file -> Arguments.of(MatchForm.GROUPS, file)));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void eachFormOfAnAnswerLeadsToTheSameFolders(MatchForm form, ResultFile file) throws Exception {
    List<PdexMember> matched = PdexPayer.plain(0, 3);
    PdexMember unknown = PdexPayer.member(3, MatchScenario.UNKNOWN);
    List<PdexMember> all = new ArrayList<>(matched);
    all.add(unknown);
    try (Sandbox sandbox =
            PdexPayer.sandbox(pdex -> pdex.holding(new GroupShape(4, 0, 1)).answering(form, file));
        TestBundle bundle = PdexPayer.add(TestBundle.in(folder), sandbox, 4).start()) {
      PdexFolders folders = new PdexFolders(bundle, sandbox);

      PdexPayer.take(bundle, all);

      for (PdexMember member : matched) {
        folders.awaitServed(member);
      }
      folders.awaitNothing(unknown, "NO_MATCH", "NO_MATCH");
      folders.awaitReleased();
      folders.assertJobs(1, 1);
    }
  }

  /** As RFC 9110 allows of any answer. */
  @Test
  void aResultThatComesAtOnceAndSaysWhereItLiesIsNoJob() throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, 3);
    try (Sandbox sandbox =
            PdexPayer.sandbox(
                pdex ->
                    pdex.holding(new GroupShape(3, 0, 1))
                        .answering(MatchForm.AT_ONCE, ResultFile.NDJSON));
        TestBundle bundle = PdexPayer.add(TestBundle.in(folder), sandbox, 3)) {
      gateway.stub(any(anyUrl()).willReturn(aResponse().proxiedFrom(sandbox.origin().toString())));
      gateway.stub(
          post(urlPathMatching(".*/\\$bulk-member-match"))
              .willReturn(
                  aResponse()
                      .proxiedFrom(sandbox.origin().toString())
                      .withHeader("Content-Location", "/v1/bison/Parameters/1")));
      bundle.set("p2p.payers.bison.base-url", gateway.url() + "/v1/bison").start();
      PdexFolders folders = new PdexFolders(bundle, sandbox);

      PdexPayer.take(bundle, members);

      for (PdexMember member : members) {
        folders.awaitServed(member);
      }
      folders.awaitReleased();
      gateway.server().verify(0, anyRequestedFor(urlPathMatching(".*/Parameters/1")));
    }
  }

  @Test
  void aPayerWithHabitsOfItsOwnIsAskedAsItsSettingsSay() throws Exception {
    List<PdexMember> members = new ArrayList<>(PdexPayer.plain(0, 2));
    PdexMember same = PdexPayer.member(2, MatchScenario.SAME_PATIENT);
    PdexMember last = PdexPayer.member(3, MatchScenario.PLAIN);
    try (Sandbox sandbox =
            PdexPayer.sandbox(
                pdex ->
                    pdex.holding(new GroupShape(4, 0, 2))
                        .requiring(Set.of("X-Tenant"))
                        .exporting("http://example.org/OperationDefinition/ours", true)
                        .openFiles());
        TestBundle bundle =
            PdexPayer.add(TestBundle.in(folder), sandbox, 4)
                .set("p2p.payers.bison.extra-headers", "X-Tenant: ours")
                .set("p2p.payers.bison.export-type", "http://example.org/OperationDefinition/ours")
                .set("p2p.payers.bison.patient-join", "comma")
                .set("p2p.payers.bison.token-on-files", "never")
                .start()) {
      PdexFolders folders = new PdexFolders(bundle, sandbox);

      PdexPayer.take(bundle, List.of(members.get(0), members.get(1), same, last));

      folders.awaitServed(members.get(0));
      folders.awaitNothing(members.get(1), "NO_MATCH", "AMBIGUOUS_MATCH");
      folders.awaitNothing(same, "NO_MATCH", "AMBIGUOUS_MATCH");
      folders.awaitServed(last);
      folders.awaitReleased();
      folders.assertJobs(1, 1);
    }
  }

  @Test
  void aFilterThatThePayerRefusesIsLeftOutOnce() throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, 2);
    try (Sandbox sandbox = PdexPayer.sandbox();
        TestBundle bundle =
            PdexPayer.add(TestBundle.in(folder), sandbox, 2)
                .set("p2p.payers.bison.type-filter", "Encounter?date=ge2021-01-01")
                .start()) {
      sandbox.faults().rates(Map.of(Fault.FILTER_REFUSED, 1.0));
      PdexFolders folders = new PdexFolders(bundle, sandbox);

      PdexPayer.take(bundle, members);

      for (PdexMember member : members) {
        String id = folders.awaitWhole(member);
        assertThat(folders.warnings(id))
            .containsExactly("the payer refused type-filter: nothing was filtered");
      }
      folders.awaitReleased();
      assertThat(sandbox.requests().received(RequestKind.KICK_OFF))
          .as("with the filter, then without it")
          .isEqualTo(2);
      assertThat(sandbox.groupExports()).hasSize(1);
      assertThat(bundle.column("SELECT what FROM transfer_event"))
          .as("no answer was lost")
          .contains("KICKOFF_STARTED")
          .doesNotContain("KICKOFF_REPEATED");
    }
  }
}
