import Foundation
import PartyCore
import PartyLive
import Testing

/// A store in a folder that is removed with it.
final class Disk: Sendable {
    let folder: String
    let store: FileStore

    init(profile: String = "default") {
        folder = FileManager.default.temporaryDirectory.path + "/psparty-test-" + UUID().uuidString
        store = Self.store(in: folder, profile: profile)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    static func store(in folder: String, profile: String = "default") -> FileStore {
        let random = PartyRandom(uuid: { UUID().uuidString.lowercased() }, bytes: { _ in [] }, fraction: { 0 })
        return FileStore(stateFolder: folder, profile: profile, random: random)
    }

    var profile: String { folder + "/profiles/default" }

    func path(_ item: StoreItem) -> String { profile + "/" + item.name }

    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: profile).sorted()
    }

    func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    /// The inode number: another file under the same name has another.
    func number(_ item: StoreItem) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path(item))
        return try #require(attributes[.systemFileNumber] as? Int)
    }

    func setMode(_ mode: Int, _ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    func write(_ bytes: [UInt8], _ item: StoreItem, mode: Int = 0o600) throws {
        try FileManager.default.createDirectory(atPath: profile, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: path(item)))
        try setMode(mode, path(item))
    }
}
