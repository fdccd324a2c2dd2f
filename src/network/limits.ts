/** What one run may take of the host. All durations in milliseconds, all sizes in bytes. */
export interface Limits {
  /** Streams of the guest that are served at one time; more are closed at once. */
  readonly streams: number;
  /**
   * Until the guest's first byte, and from the first to the last byte of a request head, a SOCKS greeting or a TLS
   * ClientHello. Long: a package manager that opens its connections at once and unpacks meanwhile, on an emulated
   * processor, comes to speak after a minute; and whoever is slow on purpose keeps streams from nobody but itself.
   */
  readonly headMs: number;
  /** The answer of the host's own proxy to a CONNECT. */
  readonly answerMs: number;
  /** A kept-alive connection without a request. */
  readonly keepAliveMs: number;
  readonly resolveMs: number;
  /** One attempt to connect to one address. */
  readonly connectMs: number;
  /** After that long the next address is tried beside the first (RFC 8305, section 5). */
  readonly staggerMs: number;
  /** Addresses of one name that are tried. */
  readonly candidates: number;
  /** A tunnel, or a body, in which no byte moves. */
  readonly idleMs: number;
  /** The same once one side has said that it sends no more. */
  readonly halfClosedMs: number;
  readonly headBytes: number;
  readonly headerLines: number;
  readonly helloBytes: number;
  /** Names that get an address of the private range in one run. */
  readonly dnsNames: number;
  /** Different refusals that are told apart in one run; the rest are counted. */
  readonly denials: number;
}

export const LIMITS: Limits = {
  streams: 1_024,
  headMs: 300_000,
  answerMs: 30_000,
  keepAliveMs: 300_000,
  resolveMs: 20_000,
  connectMs: 10_000,
  staggerMs: 250,
  candidates: 8,
  idleMs: 3_600_000,
  halfClosedMs: 600_000,
  headBytes: 65_536,
  headerLines: 256,
  helloBytes: 65_536,
  dnsNames: 16_384,
  denials: 1_000,
};
