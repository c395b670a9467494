import Foundation
import Testing

@testable import PartyCore
@testable import PartyLive

/// The leftovers of a process that is killed during a save, and their removal.
struct TemporaryFileTests {
    private let disk = Disk()

    private func names() throws -> [String] { try disk.names().filter { !$0.hasSuffix(".lock") } }

    /// Does a save up to the rename of the new file, like a killed process. The system releases its lock.
    private func die(in item: StoreItem) throws {
        try FileManager.default.createDirectory(atPath: disk.profile, withIntermediateDirectories: true)
        let file = try #require(TemporaryFile.make(for: disk.path(item), .live))
        close(file.descriptor)
    }

    @Test func `leftovers of killed processes are removed by the next process that takes any lock`() async throws {
        for item in StoreItem.allCases { try die(in: item) }
        try disk.store.save(.device, [1])
        #expect(try names().count == StoreItem.allCases.count + 1)
        try await disk.store.lock(.budget).release()
        #expect(try names() == ["device.json"])
    }

    @Test func `the temporary file of a running process is kept until it is renamed`() async throws {
        try disk.store.save(.credentials, [1])
        let file = try #require(TemporaryFile.make(for: disk.path(.credentials), .live))
        try await disk.store.lock(.budget).release()
        #expect(try names().count == 2)
        #expect(file.replace(disk.path(.credentials)) == nil)
        #expect(try names() == ["credentials.json"])
        #expect(try disk.store.load(.credentials) == [])
    }

    @Test func `forget removes an item with its leftovers, and nothing else`() async throws {
        for item in StoreItem.allCases { try disk.store.save(item, [1]) }
        try die(in: .credentials)
        try await disk.store.forget([.credentials, .friends])
        let left = StoreItem.allCases.filter { $0 != .credentials && $0 != .friends }.map(\.name)
        #expect(try names() == left.sorted())
    }

    @Test func `forgetting a profile that does not exist creates nothing`() async throws {
        try await disk.store.forget(StoreItem.allCases)
        #expect(!FileManager.default.fileExists(atPath: disk.folder))
    }

    @Test func `files with other names are not removed as leftovers`() async throws {
        let id = UUID().uuidString.lowercased()
        let others = [".hidden", ".\(id)", "credentials.json.\(id)", ".credentials.json.old", "..\(id)"]
        try disk.store.save(.device, [1])
        for name in others { try Data().write(to: URL(fileURLWithPath: disk.profile + "/" + name)) }
        try FileManager.default.createDirectory(
            atPath: disk.profile + "/.folder.\(id)", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: disk.profile + "/.link.\(id)", withDestinationPath: disk.path(.device))
        try await disk.store.lock(.budget).release()
        #expect(try names() == (others + ["device.json", ".folder.\(id)", ".link.\(id)"]).sorted())
    }

    @Test(arguments: [nil, "config.toml"]) func `only the leftovers of the named file are recognized`(name: String?) {
        let id = "11111111-2222-4333-8444-555555555555"
        #expect(TemporaryFile.isName(".config.toml.\(id)", of: name))
        #expect(TemporaryFile.isName(".other.\(id)", of: name) == (name == nil))
        #expect(!TemporaryFile.isName("config.toml.\(id)", of: name))
        #expect(!TemporaryFile.isName(".config.toml", of: name))
    }
}
