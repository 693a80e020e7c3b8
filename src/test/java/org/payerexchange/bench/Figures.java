package org.payerexchange.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Figures by name, in the order of their first run, printed with their median. */
final class Figures {
  private final Map<String, List<Double>> figures = new LinkedHashMap<>();

  void add(String name, double figure) {
    figures.computeIfAbsent(name, key -> new ArrayList<>()).add(figure);
  }

  double median(String name) {
    double[] sorted =
        figures.get(name).stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  void print() {
    int width = figures.keySet().stream().mapToInt(String::length).max().orElse(0);
    figures.forEach(
        (name, runs) ->
            print(
                "  %-" + width + "s  median %9.3f   runs %s%n",
                name,
                median(name),
                Arrays.toString(
                    runs.stream().map(run -> String.format(Locale.ROOT, "%.3f", run)).toArray())));
  }

  static void print(String format, Object... arguments) {
    System.out.printf(Locale.ROOT, format, arguments);
    System.out.flush();
  }
}
