/**
 * Edge: page, API, metrics. Law: every foreign string is data, never markup; nothing is answered without the viewer's
 * credential but {@code /healthz}, the login form, its style and the packages; a join token opens {@code /join} only.
 */
@NullMarked
package io.farrier.collector.web;

import org.jspecify.annotations.NullMarked;
