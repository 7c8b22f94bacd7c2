package io.farrier.document;

import java.util.Optional;

/**
 * A configuration file of keys within keys, edited without touching any other byte. An edit gives another document;
 * the same one where there is nothing to do. What is added and then removed leaves the bytes as they were.
 */
public interface KeyedDocument {
    byte[] bytes();

    /** True when it says nothing, whatever comments it has. */
    boolean isEmpty();

    Optional<JsonValue> get(KeyPath path);

    /**
     * With the value at {@code path}; what is missing above it is made.
     *
     * @throws InvalidDocumentException with line and column, when it is written in a way that cannot be edited alone
     */
    KeyedDocument with(KeyPath path, JsonValue value) throws InvalidDocumentException;

    KeyedDocument without(KeyPath path) throws InvalidDocumentException;

    /** With one more text at the end of a list, which is made when it is absent. */
    KeyedDocument withElement(KeyPath list, String element) throws InvalidDocumentException;

    /** An emptied list stays. */
    KeyedDocument withoutElement(KeyPath list, String element) throws InvalidDocumentException;
}
