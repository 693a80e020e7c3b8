package org.payerexchange.sandbox;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A bulk export that was kicked off, and what has happened to it. */
final class Job {
  /** How long the links of a manifest work that says so. */
  private static final Duration KEPT = Duration.ofMinutes(2);

  private final String id;
  private final Served served;
  private final Instant startedAt;
  private final List<Content> files;
  private final AtomicInteger polls = new AtomicInteger();
  private final AtomicInteger manifests = new AtomicInteger();
  private final Map<Integer, Instant> keptUntil = new ConcurrentHashMap<>();
  private final AtomicInteger ended = new AtomicInteger();
  private final AtomicInteger fileRequests = new AtomicInteger();
  private final AtomicInteger failuresShown = new AtomicInteger();
  private final Set<Integer> requestedFiles = ConcurrentHashMap.newKeySet();
  private final Set<Fault> faults;
  private volatile boolean released;
  private volatile boolean done;

  /**
   * @param faults what goes wrong with it from its beginning
   */
  Job(String id, Served served, Instant startedAt, List<Content> files, Set<Fault> faults) {
    this.id = id;
    this.served = served;
    this.startedAt = startedAt;
    this.files = files;
    this.faults = faults;
  }

  /** An id for a new job. */
  static String newId() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  String id() {
    return id;
  }

  Served served() {
    return served;
  }

  Instant startedAt() {
    return startedAt;
  }

  List<Content> files() {
    return files;
  }

  /** Whether it goes wrong in this way. */
  boolean has(Fault fault) {
    return faults.contains(fault);
  }

  boolean released() {
    return released;
  }

  void release() {
    released = true;
  }

  /** Whether its client was told that it is over. */
  boolean isDone() {
    return done;
  }

  void done() {
    done = true;
  }

  /** Counts a status request that got an answer; returns how many there were before. */
  int poll() {
    return polls.getAndIncrement();
  }

  /**
   * Counts a manifest given out; returns its number, from 1. The number is part of the file URLs.
   */
  int manifest(Instant now) {
    int number = manifests.incrementAndGet();
    keptUntil.put(number, now.plus(KEPT));
    return number;
  }

  /** Until when the links of a manifest work. */
  Instant keptUntil(int manifest) {
    return keptUntil.getOrDefault(manifest, Instant.EPOCH);
  }

  /** How many manifests were given out. */
  int manifests() {
    return manifests.get();
  }

  /**
   * Whether the links of this manifest have ended; those of the manifest that this is asked of
   * first have.
   */
  boolean expires(int manifest) {
    ended.compareAndSet(0, manifest);
    return manifest <= ended.get();
  }

  /** Counts a file request; returns how many there were before. */
  int fileRequest() {
    return fileRequests.getAndIncrement();
  }

  /** Whether this file was asked for before. */
  boolean wasAskedFor(int fileIndex) {
    return requestedFiles.contains(fileIndex);
  }

  /** Whether nothing of this file was asked for before. */
  boolean isFirstRequestOf(int fileIndex) {
    return requestedFiles.add(fileIndex);
  }

  /** Whether one more of at most {@code times} failures that the scenario wants is due. */
  boolean failsOnceMore(int times) {
    return failuresShown.getAndIncrement() < times;
  }
}
