import Foundation
import PartyTestSupport

extension ScratchFolder {
    /// Writes a file with its folders and sets the permission bits.
    func put(_ text: String, _ name: String, mode: Int = 0o600) throws {
        _ = try folder((name as NSString).deletingLastPathComponent)
        try write(text, to: name)
        try setMode(name, to: mode)
    }

    func read(_ name: String) throws -> String {
        try String(contentsOfFile: self(name), encoding: .utf8)
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: self(name), withDestinationPath: self(target))
    }

    /// The relative paths of its contents.
    func names() throws -> [String] { try permissions().keys.sorted() }
}
