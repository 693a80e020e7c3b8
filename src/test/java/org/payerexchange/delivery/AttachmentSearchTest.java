package org.payerexchange.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.ledger.Attachment;
import org.payerexchange.ledger.FoundAttachments;
import org.payerexchange.payer.CallLimits;
import org.payerexchange.payer.ExtraHeaders;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.payer.TokenOnFiles;
import org.payerexchange.support.PlainPayer;

class AttachmentSearchTest {
  private static final String BASE = "https://bison.example/fhir";

  @TempDir Path folder;

  @Test
  void eachElementOfTypeAttachmentIsFoundWhereverItStands() throws Exception {
    FoundAttachments found =
        search(
            """
            {"content":[{"attachment":{"url":"Binary/1","size":7,"hash":"aGFzaA==","contentType":"a/b"}}]}

            {"presentedForm":[{"url":"Binary/2"},{"url":"/Binary/3"}]}
            {"resourceType":"Media","content":{"url":"https://bison.example/fhir/Binary/4"}}
            {"sourceAttachment":{"url":"Binary/5"},"contained":[{"content":[{"attachment":{"url":"Binary/6"}}]}]}
            {"extension":[{"url":"x","valueAttachment":{"url":"./Binary/7"}}]}
            """);

    assertThat(found.found())
        .extracting(Attachment::url, Attachment::namedIn)
        .containsExactly(
            tuple(BASE + "/Binary/1", "DocumentReference-3.ndjson/1"),
            tuple(BASE + "/Binary/2", "DocumentReference-3.ndjson/2"),
            tuple(BASE + "/Binary/3", "DocumentReference-3.ndjson/2"),
            tuple(BASE + "/Binary/4", "DocumentReference-3.ndjson/3"),
            tuple(BASE + "/Binary/5", "DocumentReference-3.ndjson/4"),
            tuple(BASE + "/Binary/6", "DocumentReference-3.ndjson/4"),
            tuple(BASE + "/Binary/7", "DocumentReference-3.ndjson/5"));
    assertThat(found.found().get(0))
        .isEqualTo(
            new Attachment(
                BASE + "/Binary/1", "a/b", 7L, "aGFzaA==", "DocumentReference-3.ndjson/1"))
        .hasToString("Attachment[DocumentReference-3.ndjson/1]");
    assertThat(found.warnings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'extension':[{'url':'https://bison.example/fhir/x','valueString':'y'}]}",
        "{'attachment':{'url':'Binary/1','data':'AA=='}}",
        "{'attachment':{'url':'#contained'}}",
        "{'attachment':{'url':17}}",
        "{'attachment':{'title':'without one'}}",
        "{'implementation':{'url':'https://bison.example/fhir'}}"
      })
  void nothingElseIs(String line) throws Exception {
    FoundAttachments found = search(line.replace('\'', '"'));

    assertThat(found.found()).isEmpty();
    assertThat(found.warnings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://elsewhere.example/1",
        "//elsewhere.example/1",
        "http://bison.example.evil/1",
        "urn:uuid:1",
        "https://user@bison.example/1",
        "file:///etc/passwd",
        "https://#x",
        "//#x"
      })
  void whatLeadsElsewhereIsCountedAndNeverAskedFor(String url) throws Exception {
    FoundAttachments found = search("{\"attachment\":{\"url\":\"%s\"}}".formatted(url));

    assertThat(found.found()).isEmpty();
    assertThat(found.warnings())
        .singleElement()
        .asString()
        .startsWith("1 attachment(s) lead elsewhere")
        .doesNotContain("passwd", "evil");
  }

  @Test
  void aUrlIsFoundOnceWhateverItsSignatureAndNoMoreThanAreWanted() throws Exception {
    FoundAttachments found =
        search(
            """
            {"attachment":{"url":"Binary/1?sig=a"}}
            {"attachment":{"url":"Binary/1?sig=b"}}
            {"attachment":{"url":"Binary/2"}}
            {"attachment":{"url":"Binary/3"}}
            {"attachment":{"url":"Binary/4"}}
            {"attachment":{"url":"Binary/5"}}
            {"attachment":{"url":"Binary/6"}}
            {"attachment":{"url":"Binary/7"}}
            {"attachment":{"url":"Binary/8"}}
            {"attachment":{"url":"Binary/9"}}
            """);

    assertThat(found.found()).hasSize(7);
    assertThat(found.more()).isEqualTo(2);
  }

  @Test
  void aLineThatIsBeyondTheLimitsIsToldAndTheOthersAreLookedAt() throws Exception {
    String deep = "{\"a\":".repeat(200) + "1" + "}".repeat(200);

    FoundAttachments found = search(deep + "\n{\"attachment\":{\"url\":\"Binary/1\"}}\n");

    assertThat(found.found()).hasSize(1);
    assertThat(found.warnings()).containsExactly("1 line(s) are too large to look for attachments");
  }

  @Test
  void slashesBeforeAnAttachmentAreLeftOutHoweverManyThereAre() throws Exception {
    assertThat(search("{\"photo\":[{\"url\":\"" + "./".repeat(100_000) + "Binary/1\"}]}").found())
        .extracting(Attachment::url)
        .containsExactly(BASE + "/Binary/1");
  }

  private FoundAttachments search(String lines) throws Exception {
    Path stored = Files.writeString(folder.resolve("stored"), lines);
    Payer plain =
        PlainPayer.of(
            "bison",
            URI.create(BASE),
            URI.create("https://bison.example/token"),
            "id",
            "secret",
            null,
            Set.of(),
            Set.of(),
            new OneUp(),
            1);
    Payer payer =
        new Payer(
            plain.client(),
            plain.baseUrl(),
            Set.of(),
            Set.of(),
            Set.of(),
            plain.dialect(),
            1,
            ExtraHeaders.NONE,
            TokenOnFiles.MANIFEST,
            true,
            CallLimits.NONE);
    return new AttachmentSearch(new Payers(List.of(payer)), 7)
        .in("bison", "DocumentReference-3.ndjson", stored);
  }
}
