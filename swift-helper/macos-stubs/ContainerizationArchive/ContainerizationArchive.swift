public enum Format: String, Sendable { case paxRestricted, pax, gnutar, ustar }
public enum Filter: String, Sendable { case none, gzip, zstd, xz }
