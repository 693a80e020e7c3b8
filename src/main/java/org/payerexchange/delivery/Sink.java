package org.payerexchange.delivery;

/**
 * Where delivered data goes.
 *
 * @param name what the ledger calls it: {@code fhir}, or its kind and number: {@code file-uri-1}
 * @param kind what it is given at a time
 * @param uri the Camel endpoint's URI, which may hold a secret; empty for the FHIR server
 */
public record Sink(String name, Kind kind, String uri) {

  /** What a sink is given at a time. */
  public enum Kind {
    /** A whole file, as one message. */
    FILE,
    /** One resource a message. */
    RESOURCE,
    /** A number of resources a message, as a FHIR Bundle of type {@code collection}. */
    BUNDLE,
    /** The changes that bring the resources into a FHIR server. */
    FHIR
  }

  /** Whether it begins once all files of a transfer are there, in an order of its own. */
  boolean isWhole() {
    return kind == Kind.FHIR;
  }

  /** Leaves the URI out. */
  @Override
  public String toString() {
    return name;
  }
}
