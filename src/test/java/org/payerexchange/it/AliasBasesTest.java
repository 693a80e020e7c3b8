package org.payerexchange.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.GroupShape;
import org.payerexchange.sandbox.HrexOptions;
import org.payerexchange.sandbox.Member;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.TestBundle;

/**
 * Members of a payer whose server lies behind a proxy that changes the path: the server names its
 * own base in all of its answers, and only the proxy's is called.
 */
class AliasBasesTest {
  private static final String PUBLIC = "/p2p/r4";

  @TempDir Path folder;

  /** It knows the public paths alone; a request by any other fails the test. */
  @RegisterExtension final Gateway proxy = new Gateway();

  private Sandbox inner;
  private TestBundle bundle;

  @BeforeEach
  void payer() {
    inner =
        Sandbox.start(
            SandboxOptions.builder()
                .runningPolls(1)
                .pdex(pdex -> pdex.holding(new GroupShape(12, 0, 1)))
                .hrex(HrexOptions.defaults().paging(7).strictly())
                .build());
    proxy.stub(
        any(urlPathMatching(PUBLIC + "/.*"))
            .willReturn(
                aResponse()
                    .proxiedFrom(inner.baseUrl("bison").toString())
                    .withProxyUrlPrefixToRemove(PUBLIC)));
    proxy.stub(
        any(urlPathMatching("/auth/.*"))
            .willReturn(aResponse().proxiedFrom(inner.origin().toString())));
  }

  @AfterEach
  void stop() {
    bundle.close();
    inner.close();
  }

  /** The links between the pages name another host of the server's than its files do. */
  @Test
  void anExportAndThePagesOfItsManifestAreHadThroughTheProxy() throws Exception {
    inner.faults().rates(Map.of(Fault.PAGES, 1.0));
    Member member = Members.load("bison", 1);
    bundle =
        behindTheProxy(Pipeline.payer(TestBundle.in(folder), "bison", inner))
            .set(
                "p2p.payers.bison.alias-bases",
                inner.baseUrl("bison") + ", gateway.1upcoredev.com/v1/bison")
            .start();
    Pipeline pipeline = new Pipeline(bundle);

    pipeline.take(List.of(Pipeline.record("r", member)));

    assertThat(lines(pipeline.awaitEnd("r", "COMPLETE"))).isPositive();
  }

  @Test
  void aMatchOfManyAndTheirExportAreHadThroughTheProxy() throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, 3);
    bundle = behindTheProxy(PdexPayer.add(TestBundle.in(folder), inner, members.size())).start();

    PdexPayer.take(bundle, members);

    for (PdexMember member : members) {
      String id = new Pipeline(bundle).awaitEnd(PdexPayer.request(member), "COMPLETE");
      assertThat(lines(id)).isPositive();
    }
    new PdexFolders(bundle, inner).awaitReleased();
  }

  @ParameterizedTest
  @ValueSource(strings = {"export", "everything", "search"})
  void theDataOfOnePatientIsHadThroughTheProxy(String retrieval) throws Exception {
    PdexMember member = PdexMember.of(PdexPayer.ID, 17);
    bundle =
        behindTheProxy(PdexPayer.add(TestBundle.in(folder), inner, 1))
            .set("p2p.payers.bison.dialect", "hrex")
            .set("p2p.payers.bison.retrieval", retrieval)
            .start();

    PdexPayer.take(bundle, List.of(member));

    String id = new Pipeline(bundle).awaitEnd(PdexPayer.request(member), "COMPLETE");
    assertThat(lines(id)).isEqualTo(inner.patientRecord(member).size());
  }

  private TestBundle behindTheProxy(TestBundle configured) {
    return configured
        .set("p2p.payers.bison.base-url", proxy.url() + PUBLIC)
        .set("p2p.payers.bison.token-url", proxy.url() + inner.tokenUrl().getPath())
        .set("p2p.payers.bison.alias-bases", inner.baseUrl("bison").toString());
  }

  private int lines(String id) throws IOException {
    int lines = 0;
    try (Stream<Path> files = Files.list(bundle.outbox().resolve("bison").resolve(id))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".ndjson")).toList()) {
        lines += Files.readAllLines(file).size();
      }
    }
    return lines;
  }
}
