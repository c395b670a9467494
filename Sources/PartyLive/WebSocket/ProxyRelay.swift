import CCurl
import PartyCore

/// A tunnel through a proxy that is reached over TLS. Its descriptor carries the proxy's TLS, so libwebsockets cannot use it: a
/// thread copies bytes between curl and a local socket until one side ends.
final class ProxyRelay: Sendable {
    private let unwanted = OneShotEvent()

    /// Whether the task that waits for the tunnel was cancelled.
    var isUnwanted: Bool { unwanted.isSet }

    static func open(_ job: TunnelJob) async throws(TransportError) -> Tunnel {
        let relay = ProxyRelay()
        let answer = PendingResult<Tunnel>()
        try ServiceThread.start {
            do throws(TransportError) {
                let tunnel = try CurlTunnel(job, answer: answer)
                try relay.connect(tunnel)
                let (near, far) = try SocketEnd.pair()
                guard answer.give(.success(Tunnel(far))) else { return }
                Self.carry(tunnel, near)
            } catch {
                answer.fail(error)
            }
        }
        return try await answer.value { relay.unwanted.set() }
    }

    private func connect(_ tunnel: CurlTunnel) throws(TransportError) {
        let curl = tunnel.handle.curl
        // Not retained: the thread keeps it until it is through.
        try unsafe tunnel.handle.setPointer(CURLOPT_XFERINFODATA, Unmanaged.passUnretained(self).toOpaque())
        try tunnel.handle.check(
            unsafe party_curl_set_progress(curl.pointer, tunnel.handle.pointer, endUnwanted))
        let code = unsafe curl.functions.curl_easy_perform(tunnel.handle.pointer)
        if code != CURLE_OK { throw tunnel.failure(code) }
    }

    private static func carry(_ tunnel: CurlTunnel, _ near: SocketEnd) {
        guard let socket = tunnel.socket else { return }
        var toServer = RelayBuffer()
        var fromServer = RelayBuffer()
        while true {
            let before = toServer.moved + fromServer.moved
            let isAlive =
                unsafe fromServer.fill { unsafe tunnel.receive($0) } && fromServer.drain { near.write($0) }
                && toServer.fill { unsafe near.read($0) } && toServer.drain { tunnel.send($0) }
            guard isAlive else { return }
            // TLS may hold bytes that the socket does not show: wait only if nothing was moved.
            guard before == toServer.moved + fromServer.moved else { continue }
            guard
                near.wait(
                    with: socket, wantsInput: (own: toServer.isEmpty, other: fromServer.isEmpty),
                    wantsOutput: (own: !fromServer.isEmpty, other: !toServer.isEmpty))
            else { return }
        }
    }
}

/// The result of one read or write.
enum RelayStep {
    case moved(Int)
    /// It would have to wait.
    case later
    /// The connection has ended.
    case ended
}

/// Bytes that were read on one side and are not yet written on the other.
private struct RelayBuffer {
    private var bytes = [UInt8](repeating: 0, count: 64 << 10)
    private var rest = 0..<0
    /// How many bytes came in and went out so far.
    private(set) var moved = 0

    var isEmpty: Bool { rest.isEmpty }

    /// False at the end of the connection.
    mutating func fill(_ read: (UnsafeMutableRawBufferPointer) -> RelayStep) -> Bool {
        guard rest.isEmpty else { return true }
        switch unsafe bytes.withUnsafeMutableBytes({ unsafe read($0) }) {
        case .moved(let count):
            rest = 0..<count
            moved += count
        case .later: break
        case .ended: return false
        }
        return true
    }

    mutating func drain(_ write: (ArraySlice<UInt8>) -> RelayStep) -> Bool {
        while !rest.isEmpty {
            switch write(bytes[rest]) {
            case .moved(let count):
                rest = rest.lowerBound + count..<rest.upperBound
                moved += count
            case .later: return true
            case .ended: return false
            }
        }
        return true
    }
}

extension CurlTunnel {
    fileprivate func receive(_ buffer: UnsafeMutableRawBufferPointer) -> RelayStep {
        var count = 0
        let code = unsafe handle.curl.functions.curl_easy_recv(handle.pointer, buffer.baseAddress, buffer.count, &count)
        if code == CURLE_AGAIN { return .later }
        return code == CURLE_OK && count > 0 ? .moved(count) : .ended
    }

    fileprivate func send(_ bytes: ArraySlice<UInt8>) -> RelayStep {
        var count = 0
        let code = unsafe bytes.withUnsafeBytes { bytes in
            unsafe handle.curl.functions.curl_easy_send(handle.pointer, bytes.baseAddress, bytes.count, &count)
        }
        if code == CURLE_AGAIN { return .later }
        return code == CURLE_OK ? .moved(count) : .ended
    }
}
