import COpenSSL
import Glibc

/// The server's certificate, key and settings, shared by its connections.
///
/// `@unchecked`: an `SSL_CTX` may be used by several threads once it is set up, and it is set up in `init` only.
@safe final class TLSServerContext: @unchecked Sendable {
    private let context: OpaquePointer

    init?(certificate: String, key: String) {
        guard let context = unsafe SSL_CTX_new(TLS_server_method()) else { return nil }
        let isUsable =
            unsafe party_ssl_require_tls12(context) == 1
            && SSL_CTX_use_certificate_chain_file(context, certificate) == 1
            && SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1
            && SSL_CTX_check_private_key(context) == 1
        guard isUsable else {
            unsafe SSL_CTX_free(context)
            return nil
        }
        unsafe party_ssl_set_partial_writes(context)
        // Resumption would hide a changed certificate from a client under test.
        unsafe party_ssl_no_sessions(context)
        unsafe SSL_CTX_set_alpn_select_cb(
            context,
            { _, chosen, length, offered, offeredLength, _ in
                unsafe chooseHTTP1(chosen, length, offered, offeredLength)
            }, nil)
        unsafe self.context = unsafe context
    }

    deinit { unsafe SSL_CTX_free(context) }

    /// A TLS session on a connected socket.
    func session(_ descriptor: Int32) -> TLSSession? {
        guard let session = unsafe SSL_new(context) else { return nil }
        guard unsafe SSL_set_fd(session, descriptor) == 1 else {
            unsafe SSL_free(session)
            return nil
        }
        unsafe SSL_set_accept_state(session)
        return unsafe TLSSession(session)
    }
}

/// Selects `http/1.1` from the client's ALPN offer; rejects everything else.
private func chooseHTTP1(
    _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ length: UnsafeMutablePointer<UInt8>?,
    _ offered: UnsafePointer<UInt8>?, _ offeredLength: UInt32
) -> Int32 {
    guard let chosen = unsafe chosen, let length = unsafe length, let offered = unsafe offered else {
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
    let names = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredLength))
    var index = 0
    while index < names.count {
        let size = unsafe Int(names[index])
        guard index + 1 + size <= names.count else { break }
        if unsafe names[(index + 1)..<(index + 1 + size)].elementsEqual("http/1.1".utf8) {
            unsafe chosen.pointee = unsafe offered + index + 1
            unsafe length.pointee = UInt8(size)
            return SSL_TLSEXT_ERR_OK
        }
        index += 1 + size
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}

/// One TLS session; only the thread of its connection uses it.
@safe final class TLSSession {
    /// The result of a TLS call, or the readiness that it waits for.
    enum Step: Equatable {
        case done(Int)
        case wantsRead
        case wantsWrite
        case over
    }

    private let session: OpaquePointer

    init(_ session: OpaquePointer) { unsafe self.session = unsafe session }

    deinit { unsafe SSL_free(session) }

    private func step(_ result: Int32) -> Step {
        if result > 0 { return .done(Int(result)) }
        let error = unsafe SSL_get_error(session, result)
        // OpenSSL queues errors per thread; an old error would be reported by a later call.
        ERR_clear_error()
        switch error {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        default: return .over
        }
    }

    func handshake() -> Step { step(unsafe SSL_do_handshake(session)) }

    func read(_ buffer: UnsafeMutableRawBufferPointer) -> Step {
        step(unsafe SSL_read(session, buffer.baseAddress, Int32(buffer.count)))
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> Step {
        step(unsafe SSL_write(session, bytes.baseAddress, Int32(bytes.count)))
    }

    func sayGoodbye() {
        unsafe SSL_shutdown(session)
        ERR_clear_error()
    }
}
