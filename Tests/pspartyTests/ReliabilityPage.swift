import Foundation
import PartyCore
import Synchronization
import Testing

@testable import psparty

/// The rows of docs/reliability.md that the fault matrix writes.
enum ReliabilityPage {
    static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/reliability.md").standardized

    private static let isWriting = Mutex(())

    /// The lines of the tables.
    static func lines(of page: String) -> [String] {
        page.split(separator: "\n").map(String.init).filter { $0.hasPrefix("| ") && !$0.hasPrefix("| fault |") }
            .filter { fault($0) != nil }
    }

    /// The fault that a line is about.
    static func fault(_ line: String) -> String? {
        let cells = line.components(separatedBy: " | ")
        guard cells.count == 5, !line.hasPrefix("| ---") else { return nil }
        return String(cells[0].dropFirst(2))
    }

    /// Compares the row with its line of the page.
    static func expect(_ row: FaultRow, told: [String], complaint: String) throws {
        let line = line(row, told, complaint)
        if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
            try record(line)
            Issue.record("recorded \(row.fault)")
        } else {
            let page = try String(contentsOf: file, encoding: .utf8)
            #expect(lines(of: page).contains(line), "\(line)")
        }
    }

    private static func line(_ row: FaultRow, _ told: [String], _ complaint: String) -> String {
        let events = told.isEmpty ? "–" : told.map { "`\($0)`" }.joined(separator: ", ")
        let port = /127\.0\.0\.1:\d+/
        let words = complaint.replacing(port, with: "127.0.0.1:PORT").split(separator: "\n")
            .map { $0.replacing("psparty: ", with: "").replacing("|", with: "\\|") }.joined(separator: "<br>")
        return "| \(row.fault) | \(events) | \(words.isEmpty ? "–" : words) | \(time(row)) | \(row.loss) |"
    }

    private static func time(_ row: FaultRow) -> String {
        if case .ends(let status) = row.outcome { return "exit \(status)" }
        let total = row.waits.reduce(.zero, +)
        let tenths = total.inMilliseconds / 100
        return total == .zero ? "at once" : "\(tenths / 10)\(tenths % 10 == 0 ? "" : ".\(tenths % 10)") s"
    }

    /// Inserts the line in the order of the matrix.
    private static func record(_ line: String) throws {
        try isWriting.withLock { _ in
            let page = try String(contentsOf: file, encoding: .utf8)
            var known: [String: String] = [:]
            for line in lines(of: page) + [line] { known[fault(line) ?? ""] = line }
            var result: [String] = []
            var tables = [FaultMatrix.connecting, FaultMatrix.streaming]
            for old in page.components(separatedBy: "\n") where fault(old) == nil || old.hasPrefix("| fault |") {
                result.append(old)
                guard old.hasPrefix("| --- | --- | --- | --- | --- |"), !tables.isEmpty else { continue }
                result += tables.removeFirst().compactMap { known[$0.fault] }
            }
            try Data(result.joined(separator: "\n").utf8).write(to: file)
        }
    }
}
