package org.payerexchange.delivery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Iterator;
import java.util.Locale;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.SynchronizationAdapter;
import org.payerexchange.files.Outbox;
import org.payerexchange.http.CloseWhenDone;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.StoredFile;
import org.payerexchange.ledger.store.DeliveryLedger;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.KeptLease;
import org.payerexchange.step.TransferException;

/**
 * What endpoint sinks are sent. Every message is sent at least once and carries these headers,
 * whose names are legal in JMS:
 *
 * <ul>
 *   <li>{@code p2pDeliveryKey}: the same whenever the same data is sent again, so that a receiver
 *       can drop duplicates: {@code <transfer-id>/<file>} for a whole file, {@code
 *       <transfer-id>/<file>/<n>} for the resource in place <em>n</em> (from 1) of the file, {@code
 *       <transfer-id>/<file>/<first>-<last>} for a Bundle; where a later export or download of the
 *       file had another content, {@code <transfer-id>/<file>/content-2} and so on takes the place
 *       of {@code <transfer-id>/<file>}
 *   <li>{@code p2pTransferId}, {@code p2pPayer}
 *   <li>{@code p2pResourceType}, {@code p2pFile} ({@code Patient-3.ndjson}), {@code p2pKind}
 *       ({@code output}, {@code error} or {@code deleted}, as in the payer's manifest, or {@code
 *       attachment})
 *   <li>{@code p2pCount}: resources in this message; {@code p2pFileCount}, {@code p2pFileBytes},
 *       {@code p2pFileSha256}: of the whole file
 *   <li>{@code Content-Type}, and {@code CamelFileName} for file-like endpoints, both of which JMS
 *       does without
 * </ul>
 *
 * <p>The body is the file ({@link java.io.File}), or the JSON of a resource or a Bundle as text.
 */
public final class DeliveryMessages {
  private static final int RECORDED_EVERY = 100;

  private final Sinks sinks;
  private final Outbox outbox;
  private final DeliveryLedger ledger;
  private final int bundleSize;
  private final long bundleBytes;

  /**
   * Wires it.
   *
   * @param sinks where messages go
   * @param outbox where files come from
   * @param ledger learns how far a file has got
   * @param bundleSize most resources of a Bundle
   * @param bundleBytes most bytes of them
   * @throws IllegalArgumentException if a Bundle could hold nothing
   */
  public DeliveryMessages(
      Sinks sinks, Outbox outbox, DeliveryLedger ledger, int bundleSize, long bundleBytes) {
    if (bundleSize < 1) {
      throw new IllegalArgumentException("p2p.deliver.bundle-size must be at least 1");
    }
    this.sinks = sinks;
    this.outbox = outbox;
    this.ledger = ledger;
    this.bundleSize = bundleSize;
    this.bundleBytes = bundleBytes;
  }

  /** Makes the message a whole file. */
  public void file(Exchange exchange, DeliveryClaim claim, StoredFile file, KeptLease lease) {
    lease.check();
    Message message = exchange.getMessage();
    describe(message, claim, file, file.key(), file.resources());
    message.setHeader(
        Exchange.CONTENT_TYPE,
        file.holdsLines() ? "application/fhir+ndjson" : "application/octet-stream");
    message.setHeader(Exchange.FILE_NAME, file.path());
    message.setBody(source(claim, file).toFile());
  }

  /**
   * The resources that the sink has not taken yet; closed with the exchange.
   *
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} if the file cannot be read
   */
  public Iterator<?> resources(Exchange exchange, DeliveryClaim claim, StoredFile file) {
    if (!file.holdsLines()) {
      return Collections.emptyIterator();
    }
    int size = sinks.get(claim.sink()).kind() == Sink.Kind.BUNDLE ? bundleSize : 0;
    try {
      ResourceReader reader =
          new ResourceReader(
              Files.newInputStream(source(claim, file)), file.position(), size, bundleBytes);
      return CloseWhenDone.with(exchange, reader);
    } catch (IOException unreadable) {
      throw new TransferException(
          FailureReason.SINK_UNAVAILABLE, "the file cannot be read from the outbox", unreadable);
    }
  }

  /** Makes the message a resource or a Bundle of them. */
  public void resource(
      Exchange exchange,
      ResourceBatch batch,
      DeliveryClaim claim,
      StoredFile file,
      KeptLease lease) {
    lease.check();
    Message message = exchange.getMessage();
    String place =
        batch.first() == batch.last()
            ? String.valueOf(batch.first())
            : batch.first() + "-" + batch.last();
    describe(message, claim, file, file.key() + "/" + place, batch.last() - batch.first() + 1);
    message.setHeader(Exchange.CONTENT_TYPE, "application/fhir+json");
    message.setHeader(Exchange.FILE_NAME, file.path() + "/" + place + ".json");
    message.setBody(batch.json());
    exchange.setVariable("batch", batch);
    exchange
        .getExchangeExtension()
        .addOnCompletion(
            new SynchronizationAdapter() {
              @Override
              public void onFailure(Exchange failed) {
                ledger.position(claim, file, batch.first() - 1);
              }
            });
  }

  /**
   * Records now and then how far the sink has got, for a process that ends here goes on there.
   *
   * @throws TransferException {@link FailureReason#LEASE_LOST} if the row is another node's by now
   */
  public void sent(DeliveryClaim claim, StoredFile file, ResourceBatch batch) {
    boolean due = batch.last() / RECORDED_EVERY != (batch.first() - 1) / RECORDED_EVERY;
    if (due && !ledger.position(claim, file, batch.last())) {
      throw new TransferException(
          FailureReason.LEASE_LOST, "the lease was lost while resources were sent");
    }
  }

  private Path source(DeliveryClaim claim, StoredFile file) {
    return outbox.file(claim.payer(), claim.transferId(), file.name());
  }

  private static void describe(
      Message message, DeliveryClaim claim, StoredFile file, String key, long count) {
    message.removeHeaders("*");
    message.setHeader("p2pDeliveryKey", key);
    message.setHeader("p2pTransferId", claim.transferId());
    message.setHeader("p2pPayer", claim.payer());
    message.setHeader("p2pResourceType", file.resourceType());
    message.setHeader("p2pFile", file.name());
    message.setHeader("p2pKind", file.kind().name().toLowerCase(Locale.ROOT));
    message.setHeader("p2pCount", count);
    message.setHeader("p2pFileCount", file.resources());
    message.setHeader("p2pFileBytes", file.bytes());
    message.setHeader("p2pFileSha256", file.sha256());
  }
}
