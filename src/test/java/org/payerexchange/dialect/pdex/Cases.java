package org.payerexchange.dialect.pdex;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import org.payerexchange.dialect.member.FhirJson;
import org.payerexchange.dialect.member.Parties;
import org.payerexchange.dialect.member.PersonFacts;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.intake.JsonObjects;

/** Members, the Groups that a payer answers with, and the files of {@code cases/pdex}. */
final class Cases {
  static final Parties PARTIES =
      new Parties(
          new Parties.Organization("New Payer", "0123456788"),
          URI.create("https://new-payer.example"),
          new Parties.Organization("Old Payer", "9876543213"));

  private static final String EXTENSION =
      "http://hl7.org/fhir/us/davinci-pdex/StructureDefinition/base-ext-match-";

  private Cases() {}

  static String file(String name) throws IOException {
    try (InputStream in = Cases.class.getResourceAsStream("/cases/pdex/" + name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), UTF_8);
    }
  }

  static JsonNode json(String text) throws IOException {
    return JsonLimits.mapper().readTree(text);
  }

  /** The member of {@code member.json}, as the ledger's text of a record is read. */
  static ObjectNode member() throws IOException {
    return JsonObjects.parse(file("member.json").getBytes(UTF_8)).orElseThrow();
  }

  static ObjectNode resource(JsonNode parameters, String name) {
    for (JsonNode parameter : parameters.path("parameter")) {
      if (parameter.path("name").asText().equals(name)) {
        return (ObjectNode) parameter.path("resource");
      }
    }
    throw new AssertionError("no " + name);
  }

  static JsonMapper mapper(AnswerLimits limits) {
    return JsonLimits.builder(limits.bytes(), (int) limits.bytes()).build();
  }

  static BulkMatchAnswer answer(int asked) {
    AnswerLimits limits = AnswerLimits.of(asked);
    return new BulkMatchAnswer(mapper(limits), limits, prefix -> !prefix.contains("elsewhere"));
  }

  /** Reads files of one answer to three members. */
  static List<AnsweredGroup> read(String... files) throws IOException {
    BulkMatchAnswer answer = answer(3);
    for (String file : files) {
      answer.add(new ByteArrayInputStream(file.getBytes(UTF_8)));
    }
    return answer.groups();
  }

  /** The number n of the three in {@code groups.ndjson}, as it was asked for. */
  static AskedMember asked(String id, int n) throws IOException {
    JsonNode group = json(file("groups.ndjson").lines().toList().get(n - 1));
    return new AskedMember(
        id,
        PersonFacts.of(group.path("contained").path(0)),
        CoverageFacts.of(group.path("contained").path(1)));
  }

  static ObjectNode patient(String id, String family, String given, String birthDate) {
    ObjectNode patient = FhirJson.resource("Patient").put("id", id);
    patient.putArray("name").addObject().put("family", family).putArray("given").add(given);
    return patient.put("gender", "female").put("birthDate", birthDate);
  }

  static ObjectNode identified(ObjectNode resource, String system, String value) {
    resource.withArrayProperty("identifier").addObject().put("system", system).put("value", value);
    return resource;
  }

  static ObjectNode coverage(String id, String subscriberId) {
    return FhirJson.resource("Coverage").put("id", id).put("subscriberId", subscriberId);
  }

  static ObjectNode group(String id, String code) {
    ObjectNode group = FhirJson.resource("Group");
    if (!id.isEmpty()) {
      group.put("id", id);
    }
    if (!code.isEmpty()) {
      group.putObject("code").putArray("coding").addObject().put("code", code);
    }
    group.putArray("contained");
    group.putArray("member");
    return group;
  }

  /** Adds an entry; empty texts and null are left out. */
  static ObjectNode entry(
      ObjectNode group, String reference, String parameters, String coverage, JsonNode... held) {
    group.withArrayProperty("contained").addAll(List.of(held));
    ObjectNode member = group.withArrayProperty("member").addObject();
    ObjectNode entity = member.putObject("entity");
    if (!reference.isEmpty()) {
      entity.put("reference", reference);
    }
    ArrayNode extensions = entity.putArray("extension");
    extension(extensions, "parameters", parameters);
    extension(extensions, "coverage", coverage);
    return member;
  }

  private static void extension(ArrayNode extensions, String name, String target) {
    if (!target.isEmpty()) {
      extensions
          .addObject()
          .put("url", EXTENSION + name)
          .putObject("valueReference")
          .put("reference", target);
    }
  }

  static AskedMember asked(String id, JsonNode patient, JsonNode coverage) {
    return new AskedMember(id, PersonFacts.of(patient), CoverageFacts.of(coverage));
  }
}
