extension LoopbackServer {
    /// The certificates that the server sends in the TLS handshake.
    public struct Identity: Sendable {
        /// The address of the issuer's certificate that a certificate names.
        public enum IssuerAddress: Sendable, Equatable {
            /// On the server's own port, in plain text.
            case own
            case elsewhere(String)
            /// The certificate names no address.
            case unnamed
        }

        public var tls: TLS
        /// If set, an intermediate CA signs the server's certificate, and the server omits it from the chain.
        public var leafOnly: IssuerAddress?

        public init(_ tls: TLS = .valid, leafOnly: IssuerAddress? = nil) {
            self.tls = tls
            self.leafOnly = leafOnly
        }

        /// The address in the leaf certificate, if any.
        func issuerAddress(port: UInt16) -> String? {
            switch leafOnly {
            case .own: "http://127.0.0.1:\(port)\(IssuerPoint.path)"
            case .elsewhere(let address): address
            case .unnamed, nil: nil
            }
        }
    }
}
