package org.payerexchange.split;

/**
 * What a reference of a payer's resource names.
 *
 * @param kind how much of it can be told
 * @param type the resource type of what it names; empty where that cannot be told
 * @param whose how its owner is found
 * @param id its id at the payer; empty unless it is the payer's
 */
record Link(Kind kind, String type, Ownership whose, String id) {
  /** A contained resource, which comes along: {@code #x}. */
  static final Link INSIDE = new Link(Kind.INSIDE, "", "");

  /** Something of which not even the type can be told. */
  static final Link UNKNOWN = new Link(Kind.UNTYPED, "", "");

  /** Finds out how the owner is found. */
  Link(Kind kind, String type, String id) {
    this(kind, type, Ownership.of(type), id);
  }

  /** How much of a reference can be told. */
  enum Kind {
    /** A resource of the payer's, whatever version of it. */
    OURS,
    /** A resource of a type, which another server has, or which is only described. */
    ELSEWHERE,
    /** Something of any type, a Patient perhaps; with its id, if it names one. */
    UNTYPED,
    /** A contained resource. */
    INSIDE
  }

  /** How resources are called: {@code Patient/1}. */
  static String name(String type, String id) {
    return type + "/" + id;
  }

  /** How the resource is called. */
  String name() {
    return name(type, id);
  }

  /** Whether it is a Patient. */
  boolean isPatient() {
    return whose.rule() == Ownership.Rule.ITSELF;
  }

  /** Whether it is a Patient, or may be one. */
  boolean mayBeAPatient() {
    return kind == Kind.UNTYPED || isPatient();
  }

  /** The kind and the type: an id may be PHI. */
  @Override
  public String toString() {
    return kind + " " + type;
  }
}
