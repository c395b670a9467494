import Foundation
import PartyCore
import PartyLive
import Testing

struct OverwrittenItemTests {
    private let disk = Disk()

    @Test func `a reader gets one complete value while an item is overwritten`() async throws {
        let files = ProfileFiles(store: disk.store)
        let texts = ["short", String(repeating: "long", count: 900), String(repeating: "replaced", count: 900)]
        try files.saveField("text", texts[0], of: .current)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for start in 0..<2 {
                group.addTask {
                    for round in start..<40 {
                        try await files.locked(.current) { () throws(PartyError) in
                            try files.saveField("text", texts[round % 3], of: .current)
                        }
                    }
                }
            }
            group.addTask {
                for _ in 0..<500 {
                    let read = try files.field("text", of: .current)
                    #expect(texts.contains { $0 == read })
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `an overwritten item keeps its file, unless the file cannot be written`() throws {
        try disk.store.save(.budget, Array("[1,2,3]".utf8))
        let file = try disk.number(.budget)
        try disk.store.save(.budget, Array("[1]".utf8))
        #expect(try disk.store.load(.budget) == Array("[1]".utf8))
        #expect(try disk.number(.budget) == file)
        // Accessible to others, and so refused by every reader.
        try disk.setMode(0o644, disk.path(.budget))
        try disk.store.save(.budget, Array("[2]".utf8))
        #expect(try disk.store.load(.budget) == Array("[2]".utf8))
        #expect(try disk.mode(disk.path(.budget)) == 0o600)
        let large = [UInt8](repeating: 0x20, count: 5000)
        try disk.store.save(.budget, large)
        #expect(try disk.store.load(.budget) == large)
        #expect(try disk.names() == ["budget.json"])
    }
}
