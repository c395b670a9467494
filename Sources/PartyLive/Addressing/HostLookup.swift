internal import CWebSockets
import Glibc
internal import PartyCore

/// Host names to numeric addresses, each on a thread of its own: libwebsockets would do it on its service thread,
/// where a slow name server stops every open connection.
enum HostLookup {
    typealias Outcome = Result<[String], TransportError>

    static func start(_ host: String, _ done: @escaping @Sendable (Outcome) -> Void) {
        if IPAddress(host) != nil {
            return done(.success([host]))
        }
        do throws(TransportError) {
            try ServiceThread.start {
                done(addresses(host))
            }
        } catch {
            done(.failure(error))
        }
    }

    private static func addresses(_ host: String) -> Outcome {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, nil, &hints, &first)
        guard code == 0, unsafe first != nil else {
            guard !Descriptors.areUsedUp else {
                return .failure(TransportError(.exhausted, .lookup, "\(host): \(errorText(EMFILE))"))
            }
            let text = unsafe String(cString: gai_strerror(code))
            return .failure(TransportError(.unresolved, .lookup, "\(host): \(text)"))
        }
        defer { unsafe freeaddrinfo(first) }
        var found: [String] = []
        var entry = unsafe first
        while let current = unsafe entry {
            if let address = unsafe numeric(current.pointee), !found.contains(address) {
                found.append(address)
            }
            unsafe entry = current.pointee.ai_next
        }
        return .success(found)
    }

    private static func numeric(_ entry: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = unsafe getnameinfo(
            entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        guard code == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
