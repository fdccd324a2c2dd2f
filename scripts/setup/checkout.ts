/**
 * Where things are in a checkout.
 *
 * @module
 */

/** The checkout's root, absolute, without a slash at the end. */
export const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname).replace(/\/$/, "");
export const BUILD = `${ROOT}/build`;
export const SWIFT_PACKAGE = `${ROOT}/swift-helper`;
