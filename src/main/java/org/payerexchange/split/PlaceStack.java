package org.payerexchange.split;

import java.util.Arrays;

/** Places of a table that are still to be looked at. Not thread-safe. */
final class PlaceStack {
  private int[] places = new int[256];
  private int size;

  void push(int place) {
    if (size == places.length) {
      places = Arrays.copyOf(places, size * 2);
    }
    places[size++] = place;
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  int pop() {
    return places[--size];
  }
}
