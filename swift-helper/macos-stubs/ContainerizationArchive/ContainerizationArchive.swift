public enum Format: Sendable { case paxRestricted, pax, gnutar, ustar }
public enum Filter: Sendable { case none, gzip, zstd, xz }
