extension LoopbackServer {
    /// What the server shows of itself in the TLS handshake.
    public struct Identity: Sendable {
        /// Where a certificate says that its issuer's lies.
        public enum IssuerAddress: Sendable, Equatable {
            /// On the server's own port, in plain text.
            case own
            case elsewhere(String)
            /// It does not say.
            case unnamed
        }

        public var tls: TLS
        /// Where given, an intermediate CA signs the server's certificate, and the server does not send it along.
        public var leafOnly: IssuerAddress?

        public init(_ tls: TLS = .valid, leafOnly: IssuerAddress? = nil) {
            self.tls = tls
            self.leafOnly = leafOnly
        }

        /// What the leaf names, if anything.
        func issuerAddress(port: UInt16) -> String? {
            switch leafOnly {
            case .own: "http://127.0.0.1:\(port)\(IssuerPoint.path)"
            case .elsewhere(let address): address
            case .unnamed, nil: nil
            }
        }
    }
}
