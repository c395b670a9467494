/// Lines that wait for a slow reader, in order and in bounded memory: the
/// oldest in memory, those that do not fit there in a file, the newest in memory again until the file has taken them.
///
/// Only the decisions: `LineSpool` owns the threads and the file.
package struct LineBacklog: Sendable {
    /// How many bytes may wait where.
    package struct Limits: Sendable, Equatable {
        /// In memory; more lines go to the file.
        package var memory: Int
        /// In memory while the file cannot keep up: the emergency limit.
        package var emergency: Int

        package init(memory: Int = 8 << 20, emergency: Int = 64 << 20) {
            self.memory = memory
            self.emergency = emergency
        }
    }

    /// How much is removed at once.
    package enum Portion: Sendable, Equatable {
        case oneLine
        /// As many whole lines as fit into this many bytes, and at least one.
        case upTo(bytes: Int)
    }

    /// Where the oldest lines are.
    package enum Next: Sendable, Equatable {
        /// The lines, which were removed.
        case lines([UInt8], count: Int)
        /// In the file: `refill` with some of them.
        case inFile
        /// They are being written to the file: ask again later.
        case moving
        case nothing
    }

    private let limits: Limits
    private var front = WaitingLines()
    private var filed = 0
    private var moving = 0
    private var back = WaitingLines()

    package init(_ limits: Limits) {
        self.limits = limits
    }

    /// How many lines wait, in memory and in the file.
    package var count: Int { front.count + filed + moving + back.count }

    /// Exceeds the emergency limit: too much waits in memory although a spill file exists.
    package var isOverwhelmed: Bool { front.byteCount + back.byteCount > limits.emergency }

    /// How many bytes wait in memory.
    package var bytesInMemory: Int { front.byteCount + back.byteCount }

    /// Adds whole lines.
    package mutating func put(_ bytes: [UInt8], count: Int) {
        let isInMemory = filed == 0 && moving == 0 && back.count == 0
        // What is empty takes anything: a batch that is large by itself is no sign of a slow reader.
        if isInMemory, front.count == 0 || front.byteCount + bytes.count <= limits.memory {
            front.append(bytes, count: count)
        } else {
            back.append(bytes, count: count)
        }
    }

    /// The lines to write to the file now; `nil` if there are none, or others are being written.
    package mutating func startMoving() -> [UInt8]? {
        guard moving == 0, back.count > 0 else { return nil }
        moving = back.count
        return back.takeAll().bytes
    }

    /// The lines were written to the file.
    package mutating func finishMoving() {
        filed += moving
        moving = 0
    }

    /// Removes and returns the oldest lines, or says where they are.
    package mutating func take(_ portion: Portion) -> Next {
        if front.count == 0, filed == 0, moving == 0 { swap(&front, &back) }
        if front.count > 0 {
            let (bytes, count) = front.take(portion)
            return .lines(bytes, count: count)
        }
        if filed > 0 { return .inFile }
        return moving > 0 ? .moving : .nothing
    }

    /// Whole lines that came back from the file.
    package mutating func refill(_ bytes: [UInt8], count: Int) {
        filed -= count
        front.append(bytes, count: count)
    }

    /// Whether lines in memory wait for the file.
    package var mustMove: Bool { moving == 0 && back.count > 0 }

    /// Drops everything. Lines that are being written to the file are not read again.
    package mutating func removeAll() {
        self = LineBacklog(limits)
    }
}

/// Lines in one piece of memory.
private struct WaitingLines: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0
    private(set) var count = 0

    var byteCount: Int { bytes.count - start }

    mutating func append(_ more: [UInt8], count: Int) {
        bytes += more
        self.count += count
    }

    mutating func takeAll() -> (bytes: [UInt8], count: Int) {
        defer { self = WaitingLines() }
        return (start == 0 ? bytes : Array(bytes[start...]), count)
    }

    mutating func take(_ portion: LineBacklog.Portion) -> (bytes: [UInt8], count: Int) {
        guard let end = end(of: portion), end < bytes.count else { return takeAll() }
        let lines = Array(bytes[start..<end])
        let number = portion == .oneLine ? 1 : lines.lineCount
        start = end
        count -= number
        // Seldom enough that each byte is moved once.
        if start > bytes.count / 2 {
            bytes.removeSubrange(..<start)
            start = 0
        }
        return (lines, number)
    }

    /// Where the portion ends; `nil` where it is everything.
    private func end(of portion: LineBacklog.Portion) -> Int? {
        guard case .upTo(let size) = portion else { return bytes[start...].firstIndex(of: 0x0A).map { $0 + 1 } }
        guard byteCount > size else { return nil }
        let last = bytes[start..<(start + size)].lastIndex(of: 0x0A)
        return (last ?? bytes[(start + size)...].firstIndex(of: 0x0A)).map { $0 + 1 }
    }
}

extension [UInt8] {
    /// How many lines end in it.
    package var lineCount: Int { reduce(0) { $1 == 0x0A ? $0 + 1 : $0 } }
}
