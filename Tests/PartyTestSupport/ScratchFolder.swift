internal import Foundation

/// A folder for one test, removed with its contents when the last reference goes.
package final class ScratchFolder: Sendable {
    package let path: String

    package init() throws {
        let name = "psparty-test-" + UUID().uuidString.lowercased()
        path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of a file in it.
    package func callAsFunction(_ name: String) -> String { path + "/" + name }

    /// Makes a file and returns its path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: self(name)))
        return self(name)
    }

    /// Makes a folder in it and returns its path.
    package func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: self(name), withIntermediateDirectories: true)
        return self(name)
    }

    /// Changes the permission bits of a file in it.
    package func setMode(_ name: String, to mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: self(name))
    }

    /// The permission bits of every file and folder in it, by relative path.
    package func permissions() throws -> [String: Int] {
        var found: [String: Int] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
            let attributes = try FileManager.default.attributesOfItem(atPath: self(name))
            found[name] = (attributes[.posixPermissions] as? Int).map { $0 & 0o777 }
        }
        return found
    }
}
