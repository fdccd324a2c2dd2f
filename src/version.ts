/** silo's own version; `deno.json` has the same. */
export const VERSION = "0.1.0";

/** The helper protocol's version, `major.minor`: docs/protocol.md. A different major part is an error. */
export const PROTOCOL_VERSION = "1.0";
