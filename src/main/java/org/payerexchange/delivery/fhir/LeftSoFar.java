package org.payerexchange.delivery.fhir;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * What a transfer has left over while its files are sent. What refers to a resource that was
 * refused waits for it, so that no reference leads nowhere at a server that does not look. Where
 * the server makes a later change of the same resource, the earlier one is dropped: tried again at
 * the end, it would undo the later. Knows the first {@value #MOST} of them. Safe for any number of
 * threads.
 */
final class LeftSoFar {
  private static final int MOST = 5_000;

  private final Leftovers leftovers;
  private final Set<String> urls = new HashSet<>();
  private final Set<String> refused = new HashSet<>();
  private int known;
  private boolean noted;
  private boolean member;

  /**
   * Reads what is there already.
   *
   * @throws IOException if it cannot be read
   */
  LeftSoFar(Leftovers leftovers) throws IOException {
    this.leftovers = leftovers;
    this.noted = leftovers.target().isPresent();
    try (Leftovers.Lines lines = leftovers.read()) {
      Leftover left = lines.nextLeftover();
      while (left != null && known < MOST) {
        note(left);
        left = lines.nextLeftover();
      }
    }
  }

  private void note(Leftover leftover) {
    if ((leftover.status() > 0 || leftover.isRefused()) && known < MOST) {
      known++;
      urls.add(leftover.entry().url());
      if (leftover.isRefused()) {
        refused.add(leftover.entry().url());
      }
    }
  }

  /** Leaves what refers to something that was refused. */
  synchronized void holdBack(Parcel parcel) {
    if (!refused.isEmpty()) {
      parcel.holdBack(refused::contains);
    }
  }

  /**
   * Keeps what a settled parcel left over, and drops what it has overtaken.
   *
   * @param name the file's that the parcel is of
   * @throws IOException if the work directory cannot be used
   */
  synchronized void settle(String name, Parcel parcel) throws IOException {
    Set<String> overtaken =
        parcel.made().stream().filter(urls::contains).collect(Collectors.toSet());
    Set<String> without =
        parcel.leftovers().stream()
            .filter(Leftover::isRefused)
            .map(leftover -> leftover.entry().url())
            .collect(Collectors.toSet());
    parcel.repeat(without::contains);
    leftovers.add(name, parcel, overtaken);
    urls.removeAll(overtaken);
    refused.removeAll(overtaken);
    parcel.leftovers().forEach(this::note);
  }

  /**
   * Remembers what the Provenance is to point to: the member's Patient, or without one the first
   * resource that was sent.
   *
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} if the work directory cannot
   *     be written
   */
  synchronized void offer(String url, boolean isMember) {
    if (!noted || (isMember && !member)) {
      try {
        leftovers.target(url);
      } catch (IOException full) {
        throw FhirDelivery.workDirectory(full);
      }
      noted = true;
      member = isMember;
    }
  }
}
