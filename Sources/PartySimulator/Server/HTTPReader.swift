import Glibc

/// Reads HTTP/1.1 requests from a connection, within size limits.
struct HTTPReader {
    /// Why a request cannot be read: the connection ended, or the request is answered with an error status.
    enum Failure: Error {
        case wire(Wire.Failure)
        case status(Int)
    }

    /// The head of a request.
    struct Head {
        var request: SimulatedRequest
        var isLast: Bool
    }

    static let headLimit = 65536
    static let bodyLimit = 8 << 20
    private static let idleLimit = 300_000

    private(set) var pending: [UInt8] = []

    /// The next request, and whether the client wants the connection closed after it.
    mutating func next(_ wire: Wire) throws(Failure) -> Head {
        var head = try Self.parse(try headBytes(wire))
        if head.request.header("Expect")?.lowercased() == "100-continue" {
            do { try wire.writeAll(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) } catch { throw .wire(error) }
        }
        let length = head.request.header("Content-Length")
        if let coding = head.request.header("Transfer-Encoding") {
            guard coding.lowercased() == "chunked", length == nil else { throw .status(400) }
            head.request.body = try chunkedBody(wire)
        } else if let length {
            guard let count = Int(length), count >= 0 else { throw .status(400) }
            guard count <= Self.bodyLimit else { throw .status(413) }
            head.request.body = try take(count, wire)
        }
        return head
    }

    private mutating func fill(_ wire: Wire) throws(Failure) {
        do { pending += try wire.read(timeout: Self.idleLimit) } catch { throw .wire(error) }
    }

    private mutating func headBytes(_ wire: Wire) throws(Failure) -> ArraySlice<UInt8> {
        let end = Array("\r\n\r\n".utf8)
        var searched = 0
        while true {
            var index = max(0, searched - 3)
            while index + 4 <= pending.count {
                if pending[index] == 0x0D, pending[index..<index + 4].elementsEqual(end) {
                    guard index <= Self.headLimit else { throw .status(431) }
                    let head = pending[..<index]
                    pending.removeFirst(index + 4)
                    return head
                }
                index += 1
            }
            searched = pending.count
            guard pending.count <= Self.headLimit else { throw .status(431) }
            try fill(wire)
        }
    }

    private mutating func take(_ count: Int, _ wire: Wire) throws(Failure) -> [UInt8] {
        while pending.count < count { try fill(wire) }
        defer { pending.removeFirst(count) }
        return Array(pending.prefix(count))
    }

    private mutating func line(_ wire: Wire) throws(Failure) -> String {
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                let line = pending[..<end]
                pending.removeFirst(end + 1)
                return String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
            }
            guard pending.count <= Self.headLimit else { throw .status(431) }
            try fill(wire)
        }
    }

    private mutating func chunkedBody(_ wire: Wire) throws(Failure) -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let size = try line(wire).prefix { $0 != ";" }
            guard let count = Int(size, radix: 16), count >= 0 else { throw .status(400) }
            if count == 0 { break }
            guard count <= Self.bodyLimit - body.count else { throw .status(413) }
            body += try take(count, wire)
            guard try line(wire).isEmpty else { throw .status(400) }
        }
        // Trailers, if any.
        while !(try line(wire)).isEmpty {}
        return body
    }

    static func parse(_ bytes: ArraySlice<UInt8>) throws(Failure) -> Head {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .status(400) }
        var lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)[...]
        let parts = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].hasPrefix("/") else { throw .status(400) }
        guard parts[2] == "HTTP/1.1" || parts[2] == "HTTP/1.0" else { throw .status(505) }
        var request = SimulatedRequest(method: String(parts[0]), target: String(parts[1]))
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex,
                !line[..<colon].contains(where: \.isWhitespace)
            else { throw .status(400) }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            let end = value.lastIndex { $0 != " " && $0 != "\t" }
            request.headers.append((String(line[..<colon]), end.map { String(value[...$0]) } ?? ""))
        }
        let wish = request.header("Connection")?.lowercased() ?? ""
        let isLast = wish.contains("close") || parts[2] == "HTTP/1.0" && !wish.contains("keep-alive")
        return Head(request: request, isLast: isLast)
    }
}

extension SimulatedResponse {
    /// The bytes of the response. `length` can announce more than the body contains.
    func wireBytes(isLast: Bool) -> [UInt8] {
        var text = "HTTP/1.1 \(status) \(Self.reason(status))\r\n"
        for header in headers { text += "\(header.name): \(header.value)\r\n" }
        let hasBody = status != 204 && status != 304 && status >= 200
        if hasBody { text += "Content-Length: \(body.count)\r\n" }
        if isLast { text += "Connection: close\r\n" }
        return Array((text + "\r\n").utf8) + (hasBody ? body : [])
    }

    static func reason(_ status: Int) -> String {
        switch status {
        case 101: "Switching Protocols"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 302: "Found"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        default: "Status"
        }
    }
}
