import COpenSSL
import Glibc
import PartyCore

/// Adds certificates that were fetched to the chain that a server sends, then lets OpenSSL verify the whole. An added
/// certificate is a link like those the server sends, never a trust anchor. Used on one service thread.
@safe final class ChainCheck {
    /// The certificate that the last refused chain lacks.
    private(set) var missing: MissingIssuer?
    /// The last handshake that has not succeeded.
    private(set) var unfinished: Handshake?
    /// The same for each socket of libwebsockets, whose connections share a context. Others have no descriptor here.
    private var unfinishedByDescriptor: [Int32: Handshake] = [:]
    /// Scoped to one host.
    private var offered: [String: [[UInt8]]] = [:]
    private let trust: TrustStore
    private let links: [[UInt8]]
    private let target: TargetURL?

    /// How far a handshake came that has not succeeded.
    enum Handshake: Equatable {
        /// The connection ended, with that error of the system; 0 for an orderly end. Also while it still goes on.
        case lost(Int32)
        /// Refused by OpenSSL for that reason, or by the peer.
        case refused(String)
    }

    private static let most = 16
    private static let longest = 8

    /// For one server.
    init(_ trust: TrustStore, links: [[UInt8]], target: TargetURL) {
        self.trust = trust
        self.links = links
        self.target = target
    }

    /// For all that connect with the same settings; `missing` stays empty.
    init(_ trust: TrustStore) {
        self.trust = trust
        links = []
        target = nil
    }

    /// Whether the last handshake failed because the connection ended.
    var hasLostConnection: Bool { if case .lost? = unfinished { true } else { false } }

    /// The handshake on a socket that is being given up; `nil` if TLS had not begun or was done.
    func takeUnfinished(on descriptor: Int32) -> Handshake? {
        unfinishedByDescriptor.removeValue(forKey: descriptor)
    }

    private func note(_ handshake: Handshake?, on descriptor: Int32) {
        unfinished = handshake
        if descriptor >= 0 { unfinishedByDescriptor[descriptor] = handshake }
    }

    /// Replaces the certificates that were offered to that host before.
    func offer(_ links: [[UInt8]], to host: String) {
        // Handshakes with older hosts have ended.
        if offered.count >= Self.most { offered.removeAll() }
        offered[host] = links.isEmpty ? nil : links
    }

    /// Puts itself between that context and OpenSSL's verdict, for as long as the context lives.
    func install(in context: OpaquePointer) {
        let me = unsafe Unmanaged.passRetained(self).toOpaque()
        // Connections outlive the request they were made for, so the context keeps this alive.
        unsafe SSL_CTX_set_ex_data(context, Self.place, me)
        unsafe SSL_CTX_set_cert_verify_callback(
            context,
            { chain, me in
                guard let chain = unsafe chain, let me = unsafe me else { return 0 }
                return unsafe Unmanaged<ChainCheck>.fromOpaque(me).takeUnretainedValue().verify(chain)
            }, me)
        unsafe SSL_CTX_set_info_callback(context) { session, event, code in
            let systemError = errno
            guard event == SSL_CB_CONNECT_EXIT,
                let me = unsafe SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), ChainCheck.place)
            else { return }
            let chain = unsafe Unmanaged<ChainCheck>.fromOpaque(me).takeUnretainedValue()
            unsafe chain.note(code <= 0 ? Handshake(systemError) : nil, on: SSL_get_fd(session))
        }
    }

    private static let place = unsafe CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, nil, nil, nil) {
        _, me, _, _, _, _ in
        if let me = unsafe me { unsafe Unmanaged<ChainCheck>.fromOpaque(me).release() }
    }

    /// OpenSSL's result, 1 for trust; OpenSSL keeps its reason in the chain.
    private func verify(_ chain: OpaquePointer) -> Int32 {
        let sent = unsafe X509_STORE_CTX_get0_untrusted(chain)
        let fitting = unsafe fittingLinks(chain, sent)
        guard !fitting.isEmpty, let longer = unsafe OPENSSL_sk_dup(sent) else {
            return unsafe verdict(chain)
        }
        for link in fitting {
            unsafe OPENSSL_sk_push(longer, UnsafeRawPointer(link.pointer))
        }
        unsafe X509_STORE_CTX_set0_untrusted(chain, longer)
        defer {
            // OpenSSL still holds its own list, which it no longer reads.
            unsafe X509_STORE_CTX_set0_untrusted(chain, sent)
            unsafe OPENSSL_sk_free(longer)
        }
        // OpenSSL's list holds the pointers alone: the optimizer would let go of the certificates before it looks at them.
        return withExtendedLifetime(fitting) { unsafe verdict(chain) }
    }

    private func verdict(_ chain: OpaquePointer) -> Int32 {
        var verdict = unsafe X509_verify_cert(chain)
        if verdict != 1, unsafe Self.lacksAnchor(chain), trust.widen() {
            // OpenSSL verifies each chain once: reset its result.
            unsafe X509_STORE_CTX_set0_verified_chain(chain, nil)
            unsafe X509_STORE_CTX_set_error(chain, X509_V_OK)
            verdict = unsafe X509_verify_cert(chain)
        }
        missing = verdict == 1 ? nil : target.flatMap { unsafe MissingIssuer(of: chain, at: $0) }
        return verdict
    }

    /// Whether the chain was refused because a certificate is missing here.
    private static func lacksAnchor(_ chain: OpaquePointer) -> Bool {
        let reasons = [
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
        ]
        return unsafe reasons.contains(X509_STORE_CTX_get_error(chain))
    }

    /// Walks from the leaf to the root: each step takes a certificate that the server sent, or else one that was fetched. Each
    /// fetched one is checked, with its signature, so that a wrong one cannot spoil a complete chain.
    private func fittingLinks(_ chain: OpaquePointer, _ sent: OpaquePointer?) -> [Certificate] {
        let links = target == nil ? unsafe offered[Self.host(of: chain)] ?? [] : links
        guard !links.isEmpty, var last = unsafe X509_STORE_CTX_get0_cert(chain) else { return [] }
        let known = links.flatMap(Certificate.all)
        var fitting: [Certificate] = []
        for _ in 0..<Self.longest {
            if let next = unsafe Self.issuer(of: last, among: sent) {
                unsafe last = next
            } else if let link = known.first(where: { unsafe $0.isLink(to: last) }) {
                fitting.append(link)
                unsafe last = link.pointer
            } else {
                break
            }
        }
        return fitting
    }

    /// As the handshake names it; libwebsockets does so for addresses, too.
    private static func host(of chain: OpaquePointer) -> String {
        guard let session = unsafe X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()),
            let name = unsafe SSL_get_servername(OpaquePointer(session), TLSEXT_NAMETYPE_host_name)
        else { return "" }
        return unsafe String(cString: name)
    }

    private static func issuer(of certificate: OpaquePointer, among sent: OpaquePointer?) -> OpaquePointer? {
        let count = unsafe OPENSSL_sk_num(sent)
        for index in 0..<max(0, count) {
            guard let item = unsafe OPENSSL_sk_value(sent, index) else { continue }
            let candidate = OpaquePointer(item)
            if unsafe candidate != certificate, unsafe X509_check_issued(candidate, certificate) == X509_V_OK {
                return unsafe candidate
            }
        }
        return nil
    }
}

extension ChainCheck.Handshake {
    /// Read from OpenSSL's queue of errors when its function returns. Neither curl nor libwebsockets tells a refusal from a loss;
    /// OpenSSL does: for a connection that ended it has no error, or a special one.
    fileprivate init(_ systemError: Int32) {
        let error = ERR_peek_last_error()
        if error == 0 {
            self = .lost(systemError)
        } else if ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING {
            self = .lost(0)
        } else {
            self = .refused(unsafe ERR_reason_error_string(error).map { unsafe String(cString: $0) } ?? "refused")
        }
    }
}
