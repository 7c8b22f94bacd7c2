/**
 * Pure: the frames of the feed and their bytes. {@code src/site/markdown/feed.md} describes them for other languages.
 * Law: everything that leaves the node goes through a frame; what travels up moves a cursor and calls no code.
 */
@NullMarked
package io.farrier.feed;

import org.jspecify.annotations.NullMarked;
