/** Bounds on what either side of a session may send. @module */

/** Most bytes of a message. A document of 1 MB has about 1.1 MB as JSON. */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
export const MAX_HEADER_BYTES = 4_096;
/** Lists and objects within each other. */
export const MAX_DEPTH = 400;
/** Requests of one side that wait for their answers. */
export const MAX_PENDING = 10_000;
/** How fast a server may speak; it is read no faster than this. */
export const MESSAGE_RATE = { perSecond: 1_000, burst: 10_000 } as const;
export const BYTE_RATE = { perSecond: 16 * 1024 * 1024, burst: MAX_MESSAGE_BYTES } as const;
/** What asks for a person's attention (messages, edits, windows): so many within so many milliseconds. */
export const MAX_ATTENTION = { count: 60, withinMs: 10_000 } as const;
/** What an editor may have said that its server has not read, bytes; and for how long at most, milliseconds. */
export const MAX_UNREAD_BYTES = 64 * 1024 * 1024;
export const UNREAD_LIMIT_MS = 30_000;
/** Copies of the sandbox's own files: of one file, of one session, for one message, and the wait for them. */
export const MAX_COPY_BYTES = 4 * 1024 * 1024;
export const MAX_COPIED_BYTES = 256 * 1024 * 1024;
export const MAX_COPIES = 10_000;
export const MAX_COPIES_PER_MESSAGE = 64;
export const COPY_LIMIT_MS = 5_000;
