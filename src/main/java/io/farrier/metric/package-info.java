/**
 * Value: numbers for Prometheus, in its text format, and whether a thread gets on with its work, for a watchdog. Law: label
 * values never come unbounded from outside.
 */
@NullMarked
package io.farrier.metric;

import org.jspecify.annotations.NullMarked;
