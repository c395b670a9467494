import Foundation
import PartyCore
import PartyTestSupport
import Testing

@testable import PartyLive

@Suite struct ReplacedFileTests {
    private static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func `a new file has the mode of other new files, a replaced one keeps its mode`() throws {
        let scratch = try ScratchFolder()
        let file = try ReplacedFile(scratch("party.txt"), random: .live)
        try file.replace(with: Array("a\n".utf8))
        let ordinary = try scratch.write("x", to: "ordinary")
        let modes = try scratch.permissions()
        #expect(modes["party.txt"] == modes[String(ordinary.split(separator: "/").last ?? "")])
        for mode in [0o640, 0o604, 0o600] {
            try scratch.setMode("party.txt", to: mode)
            try file.replace(with: Array("b\n".utf8))
            #expect(try scratch.permissions()["party.txt"] == mode)
        }
        #expect(try Self.text(scratch("party.txt")) == "b\n")
        #expect(try scratch.permissions().count == 2)
    }

    @Test func `a link stays a link, and its target is replaced`() throws {
        let scratch = try ScratchFolder()
        try scratch.write("old", to: "target")
        try FileManager.default.createSymbolicLink(atPath: scratch("link"), withDestinationPath: scratch("target"))
        try ReplacedFile(scratch("link"), random: .live).replace(with: Array("new\n".utf8))
        #expect(try Self.text(scratch("target")) == "new\n")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: scratch("link")) == scratch("target"))
    }

    @Test func `what is not a file is never replaced, and a missing folder is named`() throws {
        let scratch = try ScratchFolder()
        let folder = try scratch.folder("folder")
        let made = unsafe mkfifo(scratch("fifo"), 0o600)
        #expect(made == 0)
        for (path, words) in [
            (folder, "it is not a file"), (scratch("fifo"), "it is not a file"), ("/dev/null", "it is not a file"),
            (scratch("none/party.txt"), "the folder \(scratch("none")): No such file or directory"),
        ] {
            #expect {
                try ReplacedFile(path, random: .live)
            } throws: { error in
                (error as? PartyError)?.kind == .storage
                    && (error as? PartyError)?.message == "the file \(path) cannot be written: \(words)"
            }
        }
    }

    @Test func `what a killed process left beside the file is removed`() throws {
        let scratch = try ScratchFolder()
        try scratch.write("half", to: ".party.txt.aaaaaaaa-bbbb-4ccc-8ddd-000000000001")
        try scratch.write("other", to: ".other.txt.aaaaaaaa-bbbb-4ccc-8ddd-000000000001")
        _ = try ReplacedFile(scratch("party.txt"), random: .live)
        #expect(try scratch.permissions().keys.sorted() == [".other.txt.aaaaaaaa-bbbb-4ccc-8ddd-000000000001"])
    }
}
