package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.GroupShape;
import org.payerexchange.sandbox.HrexOptions;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Member;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;

/** Attachments of what comes by any dialect and in any form, from the payer to the outbox. */
class AttachmentsOfDialectsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private Sandbox sandbox;
  private TestBundle bundle;

  @BeforeEach
  void payer() {
    sandbox =
        Sandbox.start(
            SandboxOptions.builder()
                .runningPolls(1)
                .load(new LoadShape(3, 2_000))
                .pdex(pdex -> pdex.holding(new GroupShape(12, 0, 1)))
                .hrex(HrexOptions.defaults().paging(7).strictly())
                .build());
  }

  @AfterEach
  void stop() {
    if (bundle != null) {
      bundle.close();
    }
    sandbox.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"export", "everything", "search", "auto"})
  void thoseOfOneMemberComeByWhateverWayItsDataIsHad(String retrieval) throws Exception {
    sandbox.faults().rates(Map.of(Fault.ATTACHMENTS, 1.0));
    PdexMember member = PdexMember.of(PdexPayer.ID, 17);
    bundle =
        PdexPayer.add(TestBundle.in(folder), sandbox, 1)
            .set("p2p.payers.bison.dialect", "hrex")
            .set("p2p.payers.bison.retrieval", retrieval)
            .set("p2p.payers.bison.attachments", "true")
            .start();

    PdexPayer.take(bundle, List.of(member));

    assertHasAttachments(
        new Pipeline(bundle).awaitEnd(PdexPayer.request(member), "COMPLETE"), member.patientId());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void thoseOfAnExportThatMembersShareComeToWhomTheyBelong(boolean organized) throws Exception {
    sandbox.faults().rates(Map.of(Fault.ATTACHMENTS, 1.0, Fault.ORGANIZED, organized ? 1.0 : 0.0));
    List<PdexMember> members = PdexPayer.plain(0, 4);
    bundle =
        PdexPayer.add(TestBundle.in(folder), sandbox, members.size())
            .set("p2p.payers.bison.attachments", "true")
            .start();

    PdexPayer.take(bundle, members);

    for (PdexMember member : members) {
      assertHasAttachments(
          new Pipeline(bundle).awaitEnd(PdexPayer.request(member), "COMPLETE"), member.patientId());
    }
    new PdexFolders(bundle, sandbox).awaitReleased();
  }

  @Test
  void thoseOfAnOrganizedExportAreNamedInTheFilesThatAreMadeOfIt() throws Exception {
    sandbox.faults().rates(Map.of(Fault.ATTACHMENTS, 1.0, Fault.ORGANIZED, 1.0));
    Member member = Members.load("bison", 1);
    bundle =
        Pipeline.payer(TestBundle.in(folder), "bison", sandbox)
            .set("p2p.payers.bison.attachments", "true")
            .start();
    Pipeline pipeline = new Pipeline(bundle);

    pipeline.take(List.of(Pipeline.record("r", member)));

    assertHasAttachments(pipeline.awaitEnd("r", "COMPLETE"), "document-small");
  }

  /** Of the member's five documents two are had, and each tells in which line it is named. */
  private void assertHasAttachments(String id, String named) throws IOException {
    Pipeline pipeline = new Pipeline(bundle);
    assertThat(pipeline.files(id))
        .filteredOn(file -> file.get("kind").equals("ATTACHMENT"))
        .extracting(
            file -> file.get("resource_type"),
            file -> file.get("state"),
            file -> file.get("reason"))
        .containsExactlyInAnyOrder(
            tuple("Binary", "STORED", null),
            tuple("attachment", "STORED", null),
            tuple("attachment", "FAILED", "FILE_INVALID"),
            tuple("attachment", "FAILED", "PAYER_REFUSED"));
    assertThat(pipeline.transfer(id)).containsEntry("warnings", 3);
    Path outbox = bundle.outbox().resolve("bison").resolve(id);
    JsonNode small = null;
    for (JsonNode file : JSON.readTree(outbox.resolve("manifest.json").toFile()).path("files")) {
      small = file.path("type").asText().equals("Binary") ? file : small;
    }
    assertThat(small).isNotNull();
    assertThat(
            JSON.readTree(outbox.resolve(small.path("name").asText()).toFile())
                .path("data")
                .binaryValue())
        .asString()
        .isEqualTo("a small document\n");
    String[] place = small.path("namedIn").asText().split("/", 2);
    String line = Files.readAllLines(outbox.resolve(place[0])).get(Integer.parseInt(place[1]) - 1);
    assertThat(line).contains("documents/small", named);
  }
}
