import COpenSSL
import CWebSockets
import PartyCore

/// libwebsockets calls this on the service thread for every event. The connection has a pointer to its `PushSocket`, until
/// `letGo`.
let pushCallback:
    @convention(c) (
        OpaquePointer?, lws_callback_reasons, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int
    ) -> Int32 = { wsi, reason, user, input, count in
        guard let wsi = unsafe wsi, let pointer = unsafe LwsLibrary.functions.lws_get_opaque_user_data(wsi) else {
            // Its `PushSocket` has let go of it: a connection that opens or receives is closed.
            return reason == LWS_CALLBACK_CLIENT_ESTABLISHED || reason == LWS_CALLBACK_CLIENT_RECEIVE ? -1 : 0
        }
        let socket = unsafe Unmanaged<PushSocket>.fromOpaque(pointer).takeUnretainedValue()
        unsafe socket.wsi = wsi
        let bytes = unsafe UnsafeRawBufferPointer(start: input, count: input == nil ? 0 : count)
        return unsafe socket.isOnItsWay
            ? socket.opening(wsi, reason, user: user, input: input, bytes) : socket.running(wsi, reason, bytes)
    }

extension PushSocket {
    fileprivate var isOnItsWay: Bool {
        stage != .open && stage != .closing && stage != .ended
    }

    /// Events up to the upgrade. A result other than zero ends the connection.
    fileprivate func opening(
        _ wsi: OpaquePointer, _ reason: lws_callback_reasons, user: UnsafeMutableRawPointer?,
        input: UnsafeMutableRawPointer?, _ bytes: UnsafeRawBufferPointer
    ) -> Int32 {
        switch reason {
        case LWS_CALLBACK_WSI_CREATE:
            // It has connected, and has done nothing with the connection yet.
            let descriptor = unsafe LwsLibrary.functions.lws_get_socket_fd(wsi)
            created(descriptor)
            if let tunnel, !tunnel.replace(descriptor) {
                fail(TransportError(.unreachable, .connecting, "the way through the proxy was lost at once"))
            }
        case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
            advance(to: .handshake)
            // Here the count is OpenSSL's result so far; returning zero does not change it.
            if bytes.count == 0, let user = unsafe user {
                let code = unsafe X509_STORE_CTX_get_error(OpaquePointer(user))
                certificateText = unsafe String(cString: X509_verify_cert_error_string(Int(code)))
                missingIssuer = unsafe MissingIssuer(of: OpaquePointer(user), at: job.target)
            } else {
                // The chain was accepted after all, with further trusted certificates.
                certificateText = nil
                missingIssuer = nil
            }
        case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
            advance(to: .upgrade)
            return unsafe appendHeaders(wsi, input, capacity: bytes.count) ? 0 : -1
        case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
            // libwebsockets accepts an answer without a subprotocol.
            let agreed = unsafe PushFailure.value(WSI_TOKEN_PROTOCOL, wsi)
            if agreed != job.request.subprotocol {
                let detail = agreed.map { "the subprotocol \($0)" } ?? "no subprotocol"
                fail(TransportError(.malformed, .exchange, "the answer to the upgrade has \(detail)"))
                return -1
            }
        case LWS_CALLBACK_CLIENT_ESTABLISHED:
            if !open() {
                drop()
                return -1
            }
        case LWS_CALLBACK_CLIENT_CONNECTION_ERROR, LWS_CALLBACK_CLOSED_CLIENT_HTTP, LWS_CALLBACK_WSI_DESTROY:
            let answer = unsafe PushFailure.answer(wsi)
            if stage == .upgrade, let answer, answer.status != 101 {
                fail(TransportError(.refused(answer), .exchange, "the upgrade was refused"))
            } else {
                let text = unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                connectionFailed(text.isEmpty ? "the connection broke off" : text, status: answer?.status ?? 0)
            }
            unsafe wake(wsi)
        default:
            break
        }
        return 0
    }

    /// Events after the upgrade.
    fileprivate func running(
        _ wsi: OpaquePointer, _ reason: lws_callback_reasons, _ bytes: UnsafeRawBufferPointer
    ) -> Int32 {
        switch reason {
        case LWS_CALLBACK_CLIENT_RECEIVE:
            // Any data proves that the peer lives; libwebsockets counts only pongs.
            unsafe LwsLibrary.functions.lws_validity_confirmed(wsi)
            let isFirst = unsafe LwsLibrary.functions.lws_is_first_fragment(wsi) != 0
            let isLast = unsafe LwsLibrary.functions.lws_is_final_fragment(wsi) != 0
            if let message = unsafe assembly.take(bytes, isFirst: isFirst, isLast: isLast) {
                arrived.append(message)
            } else {
                probe.sawPart()
            }
        case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
            arrived.append(.pong)
        case LWS_CALLBACK_CLIENT_WRITEABLE:
            return unsafe writeNext(wsi)
        case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
            // libwebsockets 4.1 replaces the codes 1004 to 1006 and 1012 to 2999 by 1002; the true code is lost.
            let code = unsafe bytes.count < 2 ? nil : UInt16(bytes[0]) << 8 | UInt16(bytes[1])
            let reason = unsafe String(decoding: bytes.dropFirst(2), as: UTF8.self)
            end(stage == .closing ? .local : .peer(code: code, reason: reason))
        case LWS_CALLBACK_CLIENT_CLOSED, LWS_CALLBACK_WSI_DESTROY:
            letGo()
            let log = LwsLog.take()
            let detail = log.isEmpty ? "the connection broke off" : "the connection broke off (\(log))"
            end(stage == .closing ? .local : .failed(TransportError(.brokenOff, .exchange, detail)))
            unsafe wake(wsi)
        default:
            break
        }
        return 0
    }

    /// If a timer of libwebsockets called us, it would go back to sleep.
    private func wake(_ wsi: OpaquePointer) {
        unsafe LwsLibrary.functions.lws_cancel_service(LwsLibrary.functions.lws_get_context(wsi))
    }

    private func appendHeaders(_ wsi: OpaquePointer, _ input: UnsafeMutableRawPointer?, capacity: Int) -> Bool {
        guard let place = unsafe input?.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self),
            let start = unsafe place.pointee
        else { return false }
        let end = unsafe start + capacity
        for header in job.headers {
            let value = header.revealedValue()
            let code = unsafe LwsLibrary.functions.lws_add_http_header_by_name(
                wsi, header.name + ":", value, Int32(value.utf8.count), place, end)
            if code != 0 {
                // Only the token can be: it comes from the service.
                fail(TransportError(.malformed, .exchange, "the headers of the upgrade are too large"))
                return false
            }
        }
        return true
    }

    /// Writes once for each call, as libwebsockets requires, and asks for another call if more waits.
    private func writeNext(_ wsi: OpaquePointer) -> Int32 {
        guard !outgoing.isEmpty else { return 0 }
        let code: Int32
        switch outgoing.removeFirst() {
        case .text(let bytes):
            code = unsafe write(bytes, LWS_WRITE_TEXT, wsi)
        case .ping:
            code = unsafe write([], LWS_WRITE_PING, wsi)
        case .readOn: return 0
        case .close(let code, let reason):
            // A control frame holds 125 bytes, two of them the code.
            var text = Array(reason.utf8.prefix(123))
            unsafe LwsLibrary.functions.lws_close_reason(wsi, lws_close_status(UInt32(code)), &text, text.count)
            return -1
        }
        if code < 0 { return -1 }
        if !outgoing.isEmpty { _ = unsafe LwsLibrary.functions.lws_callback_on_writable(wsi) }
        return 0
    }

    private func write(_ bytes: [UInt8], _ kind: lws_write_protocol, _ wsi: OpaquePointer) -> Int32 {
        // libwebsockets writes a header before the payload and masks the payload in place.
        var buffer = [UInt8](repeating: 0, count: party_lws_pre) + bytes
        return unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return -1 }
            return unsafe LwsLibrary.functions.lws_write(wsi, base + party_lws_pre, bytes.count, kind)
        }
    }
}
