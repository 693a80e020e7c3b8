package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.payerexchange.payer.Payer;

/**
 * Reads the lines of a {@code deleted} file (FHIR Bulk Data Access 2): Bundles of type transaction
 * whose entries are DELETE requests.
 */
final class DeletedResources {
  private final Payer payer;
  private final ServerBase server;
  private final FhirTypes types;
  private final StableIds ids;

  DeletedResources(Payer payer, ServerBase server, FhirTypes types) {
    this.payer = payer;
    this.server = server;
    this.types = types;
    this.ids = new StableIds(payer.id());
  }

  FhirParcels.Line read(String file, long line, byte[] json) throws IOException {
    JsonNode bundle = FhirJson.read(json);
    if (!bundle.path("resourceType").asText().equals("Bundle")) {
      throw new IOException("not a Bundle");
    }
    List<FhirEntry> entries = new ArrayList<>();
    List<Leftover> leftovers = new ArrayList<>();
    for (JsonNode entry : bundle.path("entry")) {
      JsonNode request = entry.path("request");
      String url = request.path("url").asText();
      SourceReference target = SourceReference.of(url, payer, server);
      if (request.path("method").asText().equals("DELETE")
          && target.kind() == SourceReference.Kind.OWN
          && target.exact()
          && types.take(target.type())) {
        entries.add(FhirEntry.delete(file, line, target.type() + "/" + ids.of(target.id())));
      } else {
        leftovers.add(
            Leftover.ofOwn(
                FhirEntry.delete(file, line, url), "not a DELETE of a resource of this payer"));
      }
    }
    return new FhirParcels.Line(line, json.length, entries, leftovers);
  }
}
