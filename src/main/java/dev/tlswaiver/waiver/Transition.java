package dev.tlswaiver.waiver;

import java.time.Instant;

/** One step in a waiver's life, with the reason for it. */
public record Transition(State to, Instant at, String why) {}
