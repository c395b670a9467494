import Foundation
import PartySimulator
import PartyTestSupport
import Testing

@testable import PartyCore
@testable import PartyLive

struct TrustRootsTests {
    private static let hashed = "0123abcd.0"

    @Test func `a folder is used if it contains a readable certificate`() throws {
        let scratch = try ScratchFolder()
        let (empty, full, dead) = (try scratch.folder("empty"), try scratch.folder("full"), try scratch.folder("dead"))
        try scratch.write("x", to: "full/" + Self.hashed)
        try FileManager.default.createSymbolicLink(
            atPath: dead + "/" + Self.hashed, withDestinationPath: "/nonexistent")
        func directory(_ value: String) -> String? {
            TrustRoots(further: nil, environment: ["SSL_CERT_DIR": value]).directory
        }
        #expect(directory(full) == full)
        #expect(directory("\(empty):\(full):\(dead)") == full)
        #expect(directory("\(full):\(full)") == "\(full):\(full)")
        #expect(directory(empty) == nil)
        #expect(directory(dead) == nil)
    }

    @Test func `a file named by a variable is used, in any folder`() throws {
        let scratch = try ScratchFolder()
        let folder = try scratch.folder("full")
        try scratch.write("x", to: "full/" + Self.hashed)
        func roots(_ file: String) -> TrustRoots {
            TrustRoots(further: nil, environment: ["SSL_CERT_DIR": folder, "SSL_CERT_FILE": file])
        }
        #expect(roots("/elsewhere.pem").bundle == "/elsewhere.pem")
        // A bundle beside its own certificates is read only if these do not suffice.
        let beside = roots(folder + "/ca-certificates.crt")
        #expect(beside.bundle == nil)
        #expect(beside.reserve == folder + "/ca-certificates.crt")
        #expect(roots("").bundle == nil)
    }

    @Test func `without certificates no authority is trusted`() throws {
        let scratch = try ScratchFolder()
        let folder = try scratch.folder("empty")
        let variables = ["SSL_CERT_DIR": folder, "SSL_CERT_FILE": "/x.pem"]
        #expect(!TrustRoots(further: nil, environment: variables).isEmpty)
        #expect(!TrustRoots(further: "/x.pem", environment: ["SSL_CERT_DIR": folder]).isEmpty)
    }

    @Test func `the error of an unusable certificate file names the reason`() async throws {
        let scratch = try ScratchFolder()
        let good = try await Self.certificate(scratch)
        let der = try await Self.made("openssl x509 -in good.pem -outform DER -out made", scratch)
        let cut = good.replacing("-----END", with: "????-----END")
        try Data([0xFF, 0xFE] + good.utf8.flatMap { [$0, 0] }).write(to: URL(filePath: scratch("utf16.pem")))
        #expect {
            try TrustStore(TrustRoots(further: scratch("utf16.pem"), environment: [:]))
        } throws: { error in
            (error as? TransportError)?.detail == "the CA file \(scratch("utf16.pem")) is UTF-16 text: save it as UTF-8"
        }
        try Data([0xEF, 0xBB, 0xBF] + good.utf8).write(to: URL(filePath: scratch("bom.pem")))
        let rows: [(String, String?)] = [
            (scratch("missing.pem"), "cannot read the CA file \(scratch("missing.pem")): no such file or directory"),
            (scratch.path, "cannot read the CA file \(scratch.path): is a directory"),
            (try scratch.write("", to: "empty.pem"), "is empty"),
            (try scratch.write("no certificate", to: "none.pem"), "there is no PEM certificate in the CA file"),
            (der, "is in DER form: convert it with `openssl x509 -inform DER -in \(der) -out FILE`"),
            (try scratch.write(good + cut, to: "cut.pem"), "certificate 2 of the CA file"),
            (try scratch.write(good + "text between\n" + good, to: "two.pem"), nil), (scratch("bom.pem"), nil),
        ]
        for (file, words) in rows {
            let roots = TrustRoots(further: file, environment: [:])
            do throws(TransportError) {
                _ = try TrustStore(roots)
                #expect(words == nil, "\(file)")
            } catch {
                #expect(error.kind == .tls && error.phase == .preparing)
                #expect(
                    error.detail.lowercased().contains((words ?? "nothing is wrong").lowercased()), "\(error.detail)")
            }
        }
    }

    private static func certificate(_ scratch: ScratchFolder) async throws -> String {
        let script = """
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=a -days 9 \
                -keyout key.pem -out good.pem && cp good.pem made
            """
        return try String(contentsOfFile: try await made(script, scratch), encoding: .utf8)
    }

    /// Runs a script in the folder and returns the path of its result.
    private static func made(_ script: String, _ scratch: ScratchFolder) async throws -> String {
        var environment = RunningProgram.Environment()
        environment.variables = ["PATH": "/usr/bin:/bin", "HOME": scratch.path]
        environment.directory = scratch.path
        let result = try await RunningProgram(["bash", "-ec", script], environment).end()
        try #require(result.status == 0, "\(result.stderr)")
        return scratch("made")
    }
}
