/**
 * Value: numbers for Prometheus, in its text format. Law: label values never come unbounded from outside.
 */
@NullMarked
package io.farrier.metric;

import org.jspecify.annotations.NullMarked;
