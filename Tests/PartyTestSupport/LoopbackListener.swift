internal import Foundation
internal import Glibc
internal import Synchronization

/// A TCP port of 127.0.0.1 that serves each connection on its own thread.
package final class LoopbackListener: Sendable {
    private struct State {
        var open: Set<Int32> = []
        var isStopped = false
    }

    package let port: UInt16
    private let listener: Int32
    private let accepted = Tape<Int32>()
    private let state = Mutex(State())
    private let serve: @Sendable (_ descriptor: Int32, _ number: Int) -> Void

    /// - Parameter serve: serves the connection, the `number`th from 1; when it returns the connection is closed.
    package init(_ serve: @escaping @Sendable (_ descriptor: Int32, _ number: Int) -> Void) throws {
        self.serve = serve
        (listener, port) = try LoopbackSocket.listening(backlog: 64)
        Foundation.Thread.detachNewThread { self.accept() }
    }

    /// Accepts connections and sends nothing.
    package static func silent() throws -> LoopbackListener {
        try LoopbackListener { descriptor, _ in
            var byte: UInt8 = 0
            while unsafe read(descriptor, &byte, 1) > 0 {}
        }
    }

    /// Answers the first request of each connection with `first`, then sends `rest` repeatedly, if there is one.
    package static func answering(_ first: String, then rest: String) throws -> LoopbackListener {
        try LoopbackListener { descriptor, _ in
            guard LoopbackSocket.requestHead(descriptor) != nil,
                LoopbackSocket.write(Array(first.utf8)[...], to: descriptor)
            else { return }
            let rest = Array(rest.utf8)
            while !rest.isEmpty, LoopbackSocket.write(rest[...], to: descriptor) {}
        }
    }

    /// Forwards each connection to a port of this machine, which may depend on its number.
    package static func forwarding(to port: @escaping @Sendable (_ number: Int) -> UInt16) throws -> LoopbackListener {
        try LoopbackListener { descriptor, number in
            guard let other = LoopbackSocket.connected(to: port(number)) else { return }
            LoopbackSocket.pump(descriptor, other)
            close(other)
        }
    }

    /// The number of connections so far.
    package var connections: Int { accepted.count }

    /// Waits for the `number`th connection, from 1.
    package func connection(_ number: Int = 1) async throws {
        _ = try await within(.seconds(10), "connection \(number)") { [accepted] in
            try await accepted.value(at: number - 1)
        }
    }

    package func stop() {
        let open = state.withLock { state in
            state.isStopped = true
            return state.open
        }
        shutdown(listener, Int32(SHUT_RDWR))
        for descriptor in open { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    private func accept() {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                close(listener)
                return
            }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            let isStopped = state.withLock { state in
                state.open.insert(descriptor)
                return state.isStopped
            }
            accepted.append(descriptor)
            let number = accepted.count
            if isStopped { shutdown(descriptor, Int32(SHUT_RDWR)) }
            Foundation.Thread.detachNewThread { [self] in
                serve(descriptor, number)
                state.withLock { state in
                    state.open.remove(descriptor)
                    close(descriptor)
                }
            }
        }
    }
}

/// A port whose backlog is full: a connection attempt gets no response.
package final class DeafPort: Sendable {
    package let port: UInt16
    private let descriptors: [Int32]

    package init() throws {
        let (listener, port) = try LoopbackSocket.listening(backlog: 0)
        self.port = port
        // With a backlog of 0 there is room for one.
        guard let filling = LoopbackSocket.connected(to: port) else {
            throw DeadlinePassed(description: "no connection")
        }
        descriptors = [listener, filling]
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }

    /// Reads in pieces: a file in /proc has no size and is longer than one read.
    private static func connectionTable() throws -> String {
        guard let file = FileHandle(forReadingAtPath: "/proc/net/tcp") else { return "" }
        var bytes = Data()
        while let piece = try file.read(upToCount: 65536), !piece.isEmpty { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Waits for a connection attempt, by polling /proc/net/tcp.
    package func knock() async throws {
        let hex = String(port, radix: 16, uppercase: true)
        let peer = "0100007F:" + String(repeating: "0", count: 4 - hex.count) + hex
        try await eventually(.seconds(10), "a connection attempt") {
            let table = try Self.connectionTable()
            return table.split(separator: "\n").contains { line in
                let fields = line.split(separator: " ")
                // 02 is SYN_SENT (proc_net_tcp in the kernel's documentation).
                return fields.count > 3 && fields[2] == peer && fields[3] == "02"
            }
        }
    }
}

/// Socket calls that the types above share.
enum LoopbackSocket {
    static func listening(backlog: Int32) throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(descriptor, pointer, size) == 0 && listen(descriptor, backlog) == 0
                    && getsockname(descriptor, pointer, &size) == 0
            }
        }
        guard isListening else { throw DeadlinePassed(description: "no port: error \(errno)") }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    static func connected(to port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port: port)
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    static func end(_ descriptor: Int32) { close(descriptor) }

    /// Copies in both directions until both sides have ended; while it is shut, it discards what it reads.
    static func pump(_ first: Int32, _ second: Int32, isShut: () -> Bool = { false }) {
        var open = [true, true]
        let ends = [first, second]
        while open.contains(true) {
            var sources = zip(ends, open).map { pollfd(fd: $1 ? $0 : -1, events: Int16(POLLIN), revents: 0) }
            unsafe poll(&sources, 2, -1)
            for index in 0...1 where sources[index].revents != 0 {
                if !copy(from: ends[index], to: ends[1 - index], isShut) {
                    open[index] = false
                    shutdown(ends[1 - index], Int32(SHUT_WR))
                }
            }
        }
    }

    private static func copy(from source: Int32, to target: Int32, _ isShut: () -> Bool) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = unsafe read(source, &buffer, buffer.count)
        return count > 0 && (isShut() || write(buffer[..<count], to: target))
    }

    /// The head of an HTTP request, including the blank line.
    static func requestHead(_ descriptor: Int32) -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard bytes.count < 65536, unsafe read(descriptor, &byte, 1) == 1 else { return nil }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func write(_ bytes: ArraySlice<UInt8>, to target: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let sent = unsafe rest.withUnsafeBytes { bytes in
                unsafe send(target, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }
}
