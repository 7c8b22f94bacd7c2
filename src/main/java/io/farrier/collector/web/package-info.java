/**
 * Edge: page, API, metrics. Every foreign string is data, never markup.
 */
@NullMarked
package io.farrier.collector.web;

import org.jspecify.annotations.NullMarked;
