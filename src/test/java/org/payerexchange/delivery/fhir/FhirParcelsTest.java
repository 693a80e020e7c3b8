package org.payerexchange.delivery.fhir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

class FhirParcelsTest {
  private static final BundleLimits LIMITS = BundleLimits.configured("transaction", 10, 1_000);

  @Test
  void aLineThatItsReaderBreaksOffAtIsLeftOverAndTheOthersGo() throws Exception {
    try (FhirParcels parcels = reading(new IllegalArgumentException("https://"))) {
      Parcel parcel = parcels.next();

      assertThat(parcel.lastLine()).isEqualTo(3);
      assertThat(parcel.leftovers())
          .singleElement()
          .satisfies(left -> assertThat(left.entry().line()).isEqualTo(2));
      assertThat(FhirJson.read(parcel.bundle("http://fhir")).path("entry")).hasSize(2);
      assertThat(parcels.hasNext()).isFalse();
    }
  }

  @Test
  void whatFailsBesideTheLineLeavesNothingOver() {
    TransferException full = new TransferException(FailureReason.SINK_UNAVAILABLE, "disk full");
    UncheckedIOException broken = new UncheckedIOException(new IOException("disk broken"));

    assertThatThrownBy(() -> reading(full).next()).isSameAs(full);
    assertThatThrownBy(() -> reading(broken).next()).isSameAs(broken);
  }

  /** Three lines, of which the reader fails at the second. */
  private static FhirParcels reading(RuntimeException failure) throws IOException {
    return new FhirParcels(
        "A-1.ndjson",
        new NdjsonLines(new ByteArrayInputStream("1\n2\n3\n".getBytes(StandardCharsets.UTF_8))),
        0,
        (line, json) -> {
          if (line == 2) {
            throw failure;
          }
          FhirEntry entry =
              FhirEntry.put(
                  "A-1.ndjson",
                  line,
                  "A/" + line,
                  JsonNodeFactory.instance.objectNode(),
                  List.of(),
                  0);
          return new FhirParcels.Line(line, json.length, List.of(entry), List.of());
        },
        LIMITS,
        "http://fhir");
  }
}
