package org.payerexchange.delivery;

import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.payerexchange.support.ReadyExports.output;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.ReadyExports;
import org.payerexchange.support.TestBundle;

/** Transfers of two files, and their folders in the outbox. */
record TwoFiles(TestBundle bundle, Gateway gateway) {
  static final String FIRST = "{\"resourceType\":\"Patient\",\"id\":\"p1\"}\n";
  static final String SECOND = "{\"resourceType\":\"Coverage\",\"id\":\"c1\"}\n";

  /** Has both files served. */
  static void serve(Gateway gateway) {
    gateway.stub(get(urlEqualTo("/v1/bison/1")).willReturn(ok(FIRST)));
    gateway.stub(get(urlEqualTo("/v1/bison/2")).willReturn(ok(SECOND)));
  }

  String transfer() {
    return ReadyExports.in(bundle)
        .of(
            output("Patient", gateway.url() + "/v1/bison/1"),
            output("Coverage", gateway.url() + "/v1/bison/2"));
  }

  Path folderOf(String id) {
    return bundle.outbox().resolve("bison").resolve(id);
  }

  JsonNode manifest(String id) throws Exception {
    return new ObjectMapper().readTree(folderOf(id).resolve("manifest.json").toFile());
  }

  String state(String id) {
    return bundle.column("SELECT state FROM transfer WHERE id = ?", id).get(0);
  }

  static List<String> names(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
