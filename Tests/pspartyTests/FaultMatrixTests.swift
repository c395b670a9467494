import Foundation
import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// Every known fault of the stream. The tables of docs/reliability.md are the expected output; `RECORD_GOLDENS=1`
/// rewrites them.
enum FaultMatrix {
    static let all = connecting + streaming
}

@Suite(.timeLimit(.minutes(5))) struct FaultMatrixTests {
    @Test(arguments: FaultMatrix.connecting.filter { !$0.isOnSockets })
    func `before the stream is ready`(row: FaultRow) async throws {
        try await connecting(row)
    }

    /// One after the other, like those below: libwebsockets has room for 32 sockets in a process.
    @Test(.serialized, arguments: FaultMatrix.connecting.filter(\.isOnSockets))
    func `before the stream is ready, over sockets`(row: FaultRow) async throws {
        try await connecting(row)
    }

    @Test(arguments: FaultMatrix.streaming.filter { !$0.isOnSockets })
    func `while the stream is ready`(row: FaultRow) async throws {
        try await streaming(row)
    }

    @Test(.serialized, arguments: FaultMatrix.streaming.filter(\.isOnSockets))
    func `while the stream is ready, over sockets`(row: FaultRow) async throws {
        try await streaming(row)
    }

    private func connecting(_ row: FaultRow) async throws {
        let stage = try await FaultStage(row)
        defer { stage.stop() }
        try await row.strike(stage)
        let command = stage.start()
        for wait in row.waits { await stage.pass(wait) }
        if case .ends = row.outcome {
            return try check(row, try await within(.seconds(30), "its end") { await command.value })
        }
        if row.isLostMeanwhile { try await stage.sees("stream.lost") }
        try await stage.isWhole()
        try await stage.mark("after")
        try check(row, try await end(stage, command))
    }

    private func streaming(_ row: FaultRow) async throws {
        let stage = try await FaultStage(row)
        defer { stage.stop() }
        let command = stage.start()
        // A connection that answers no ping counts as ready after 2 s.
        if !row.scenario.faults.isEmpty { await stage.pass(.seconds(2)) }
        try await stage.isWhole()
        let party = try await stage.enterParty()
        try await stage.mark("before")
        let renaming = row.outcome == .reconnects ? stage.renameWhileAway(party) : nil
        try await row.strike(stage)
        for wait in row.waits { await stage.pass(wait) }
        try await renaming?.value
        if case .ends = row.outcome {
            return try check(row, try await within(.seconds(30), "its end") { await command.value })
        }
        if row.outcome == .reconnects { try await stage.isWhole() }
        try await stage.mark("after")
        let result = try await end(stage, command)
        try check(row, result)
        // No event that arrived is lost, and a comparison restores the missed ones as state.
        let lines = result.stdout.split(separator: "\n")
        for mark in ["before", "after"] { #expect(lines.filter { $0.contains(#""number":"\#(mark)""#) }.count == 1) }
        let renamings = lines.filter { $0.contains(#""name":"renamed""#) && $0.contains("party.updated") }
        #expect(renamings.count == (row.outcome == .reconnects ? 1 : 0))
        #expect(renamings.allSatisfy { $0.contains(#""synthetic":true"#) })
    }

    @Test func `the page has exactly one line for each row`() throws {
        #expect(FaultMatrix.all.count >= 40)
        #expect(Set(FaultMatrix.all.map(\.fault)).count == FaultMatrix.all.count)
        let page = try String(contentsOf: ReliabilityPage.file, encoding: .utf8)
        let faults = ReliabilityPage.lines(of: page).compactMap(ReliabilityPage.fault)
        #expect(faults == FaultMatrix.all.map(\.fault))
    }

    private func end(_ stage: FaultStage, _ command: Task<CommandResult, Never>) async throws -> CommandResult {
        stage.clock.advance(by: .seconds(1000 * 3600))
        return try await within(.seconds(30), "its end") { await command.value }
    }

    private func check(_ row: FaultRow, _ result: CommandResult) throws {
        let status: Int32 = if case .ends(let status) = row.outcome { status } else { 0 }
        #expect(result.status == status, "\(result.stderr)")
        let types = FaultStage.types(result.stdout)
        // From the first marker frame to the last, if there are any.
        let begin = result.stdout.contains(#""number":"before""#) ? types.firstIndex(of: "other").map { $0 + 1 } : nil
        let end = result.stdout.contains(#""number":"after""#) ? types.lastIndex(of: "other") : nil
        let told = types[(begin ?? 0)..<(end ?? types.count)]
        try ReliabilityPage.expect(row, told: Array(told), complaint: result.stderr)
    }
}
