/** The bytes that give JSON its form (RFC 8259, section 2). */
export const QUOTE = 34;
export const BACKSLASH = 92;
export const OPEN_OBJECT = 123;
export const CLOSE_OBJECT = 125;
export const OPEN_LIST = 91;
export const CLOSE_LIST = 93;
export const COLON = 58;
export const COMMA = 44;
