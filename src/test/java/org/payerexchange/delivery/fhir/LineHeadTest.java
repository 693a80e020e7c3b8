package org.payerexchange.delivery.fhir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineHeadTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'resourceType':'Patient','id':'p1','meta':{'versionId':'2','lastUpdated':'2026-01-01T00:00:00Z'},'x':1}",
        "{'meta':{'tag':[{'a':{}}],'lastUpdated':'2026-01-01T01:00:00+01:00','versionId':'2'},'x':[{'id':'q'}],'id':'p1'}",
        "{'id':'p1','meta':{'lastUpdated':'x','versionId':'1e3'}}",
        "{'id':'p1','x':1e99999999999,'meta':{'x':1e99999999999}}",
        "{'id':'p1','meta':'x'}",
        "{'id':'p1'}"
      })
  void theHeadSaysWhatTheTreeSays(String text) throws IOException {
    byte[] line = text.replace('\'', '"').getBytes(UTF_8);

    LineHead head = LineHead.of(line).orElseThrow();

    assertThat(head.id()).isEqualTo("p1");
    ResourceVersion expected =
        text.contains("1e9999")
            ? ResourceVersion.NONE
            : ResourceVersion.of(FhirJson.read(line).path("meta"));
    assertThat(head.version()).isEqualTo(expected);
    assertThat(expected.number() == 2).isEqualTo(text.contains("'2'"));
  }
}
