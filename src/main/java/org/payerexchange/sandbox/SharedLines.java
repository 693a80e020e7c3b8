package org.payerexchange.sandbox;

import static org.payerexchange.sandbox.GroupHistory.refer;
import static org.payerexchange.sandbox.GroupHistory.start;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The providers, places and drugs that the lines of many members refer to. */
final class SharedLines {
  private SharedLines() {}

  static List<KnownLine> all() {
    List<KnownLine> lines = new ArrayList<>();
    lines.add(KnownLine.shared(named("Organization", "payer", "Imaginary Health Plan")));
    for (int clinic = 0; clinic < LinePattern.CLINICS; clinic++) {
      lines.add(
          KnownLine.shared(
              named("Organization", "clinic-" + digits(clinic), "Make-Believe Clinic")));
      lines.add(KnownLine.shared(place(clinic)));
    }
    for (int doctor = 0; doctor < LinePattern.DOCTORS; doctor++) {
      lines.add(KnownLine.shared(doctor(doctor)));
      lines.add(KnownLine.shared(role(doctor)));
    }
    for (int drug = 0; drug < LinePattern.DRUGS; drug++) {
      ObjectNode medication = start("Medication", "drug-" + digits(drug));
      medication.putObject("code").put("text", "Placebo " + drug);
      lines.add(KnownLine.shared(medication));
    }
    return lines;
  }

  private static ObjectNode doctor(int number) {
    ObjectNode doctor = start("Practitioner", "doctor-" + digits(number));
    doctor
        .putArray("identifier")
        .addObject()
        .put("system", "http://hl7.org/fhir/sid/us-npi")
        .put("value", "9999999" + digits(number));
    doctor.putArray("name").addObject().put("family", "Example-" + digits(number));
    return doctor;
  }

  private static ObjectNode role(int number) {
    ObjectNode role = start("PractitionerRole", "role-" + digits(number));
    refer(role, "practitioner", "Practitioner/doctor-" + digits(number));
    return refer(
        role, "organization", "Organization/clinic-" + digits(number % LinePattern.CLINICS));
  }

  private static ObjectNode place(int number) {
    return refer(
        named("Location", "place-" + digits(number), "Make-Believe Clinic"),
        "managingOrganization",
        "Organization/clinic-" + digits(number));
  }

  private static ObjectNode named(String type, String id, String name) {
    return start(type, id).put("name", name);
  }

  private static String digits(int number) {
    return String.format(Locale.ROOT, "%03d", number);
  }
}
