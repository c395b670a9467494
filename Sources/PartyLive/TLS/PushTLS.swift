import COpenSSL
import PartyCore

/// Owns the `SSL_CTX` of push connections. Our own, as that of libwebsockets also trusts the folder `../share` and
/// reads the whole bundle of system certificates.
@safe final class PushTLS {
    let pointer: OpaquePointer
    /// For all connections, as they share the context.
    let chain: ChainCheck

    init(_ trust: TrustStore) throws(TransportError) {
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else {
            throw TransportError(.tls, .preparing, "no TLS context")
        }
        unsafe pointer = context
        chain = ChainCheck(trust)
        guard unsafe party_ssl_require_tls12(pointer) == 1 else {
            throw TransportError(.tls, .preparing, "TLS 1.2 is not available")
        }
        // libwebsockets adds the check of the host name to each connection.
        unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        unsafe trust.install(in: pointer)
        unsafe chain.install(in: pointer)
    }

    deinit {
        unsafe SSL_CTX_free(pointer)
    }
}
