package io.farrier.logs.copied;

/**
 * Something of a log may be missing, nobody knows how much.
 *
 * @param log the name under which {@link LineCopier#logs} has it
 * @param reason for people
 */
public record Loss(String log, String reason) {}
