import Foundation

/// A folder of a test's own, gone with it.
final class TestFolder: Sendable {
    private let root: URL

    /// - Parameter name: the last part of its path.
    init(_ name: String = "folder") throws {
        root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).appending(path: name)
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: root.deletingLastPathComponent())
    }

    func path(_ relative: String) -> String { root.path(percentEncoded: false) + "/" + relative }

    func write(_ text: String, _ relative: String, mode: Int = 0o600) throws {
        let file = URL(filePath: path(relative))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        try setMode(mode, relative)
    }

    func read(_ relative: String) throws -> String {
        try String(contentsOfFile: path(relative), encoding: .utf8)
    }

    func exists(_ relative: String) -> Bool { FileManager.default.fileExists(atPath: path(relative)) }

    func setMode(_ mode: Int, _ relative: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path(relative))
    }

    func mode(_ relative: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path(relative))
        return try (attributes[.posixPermissions] as? NSNumber)?.intValue ?? { throw CocoaError(.fileReadUnknown) }()
    }

    func link(_ relative: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path(relative), withDestinationPath: path(target))
    }

    var names: [String] { (FileManager.default.subpaths(atPath: root.path(percentEncoded: false)) ?? []).sorted() }
}
