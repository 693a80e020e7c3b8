package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import org.payerexchange.ledger.StoredFile;

/** Reads the lines of an output file: each is a resource of the announced type, put by its id. */
final class OutputLines implements FhirParcels.LineReader {
  private final StoredFile file;
  private final FhirTypes types;
  private final TransferIds known;
  private final ResourceRewriter rewriter;
  private final SourceIds sourceIds;
  private final ReceivedMember member;
  private final ChosenMember chosen;
  private final LeftSoFar left;
  private final StableIds ids;

  OutputLines(
      StoredFile file,
      FhirTypes types,
      TransferIds known,
      ResourceRewriter rewriter,
      SourceIds sourceIds,
      ReceivedMember member,
      ChosenMember chosen,
      LeftSoFar left,
      StableIds ids) {
    this.file = file;
    this.types = types;
    this.known = known;
    this.rewriter = rewriter;
    this.sourceIds = sourceIds;
    this.member = member;
    this.chosen = chosen;
    this.left = left;
    this.ids = ids;
  }

  @Override
  public FhirParcels.Line read(long line, byte[] json) throws IOException {
    String type = file.resourceType();
    if (!types.take(type)) {
      return FhirParcels.Line.leftOver(
          FhirEntry.nothing(file.name(), line),
          json.length,
          "p2p.deliver.fhir.more-types does not name " + type);
    }
    if (!(FhirJson.read(json) instanceof ObjectNode resource)
        || !resource.path("resourceType").asText().equals(type)) {
      throw new IOException("not a resource of the announced type");
    }
    ResourceVersion version = ResourceVersion.of(resource.path("meta"));
    String sourceId = resource.path("id").asText();
    if (known.isOld(type, sourceId, version)) {
      return new FhirParcels.Line(line, json.length, List.of(), List.of());
    }
    FhirEntry entry = rewriter.rewrite(file.name(), line, resource, json);
    boolean joined = chosen.urls().contains(entry.url());
    if (joined) {
      member.join(resource);
    }
    sourceIds.keep(resource, type, sourceId);
    left.offer(entry.url(), joined);
    return new FhirParcels.Line(line, json.length, List.of(entry), List.of());
  }

  @Override
  public String url(byte[] json) {
    return LineHead.of(json).map(head -> file.resourceType() + "/" + ids.of(head.id())).orElse("");
  }
}
