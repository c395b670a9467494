import Foundation
import PartyTestSupport
import Testing

extension EndToEndTests {
    struct FileTests {
        @Test func `the files of a profile are private, and no temporary file remains`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                try lab.expireToken()
                try await lab.psparty("token")
                try await lab.psparty("create")
                try await lab.psparty("login", input: "")
                let kept = try lab.scratch.permissions().filter { $0.key.hasPrefix("state") }
                #expect(kept["state/profiles/default/credentials.json"] == 0o600)
                #expect(kept.keys.contains("state/profiles/default/\(lab.accountFolder())/current.json"))
                let folder = "state/profiles/default"
                let folders = ["state", "state/profiles", folder, folder + "/" + lab.accountFolder()]
                for (path, mode) in kept {
                    let isFolder = folders.contains(path)
                    #expect(mode == (isFolder ? 0o700 : 0o600), "\(path)")
                    #expect(!path.contains("/."), "\(path)")
                }
                // The state folder is the only one that was created.
                let names = try lab.scratch.permissions().keys.filter { !$0.hasPrefix("state") }
                #expect(names.allSatisfy { $0.hasPrefix("tmp") || $0 == "home" }, "\(names)")
            }
        }

        @Test(arguments: [0o644, 0o640, 0o604, 0o660])
        func `a token file that others can read is refused with a hint`(
            mode: Int
        ) async throws {
            try await Lab.run { lab in
                try await lab.login()
                try lab.scratch.setMode("state/profiles/default/credentials.json", to: mode)
                let result = try await lab.psparty("token")
                #expect(result.status == 70)
                #expect(result.stdout.isEmpty)
                #expect(result.stderr.contains("chmod 600 '\(lab.tokenFile)'"))
                try lab.scratch.setMode("state/profiles/default/credentials.json", to: 0o600)
                #expect(try await lab.psparty("token").status == 0)
            }
        }

        @Test func `a state folder with blanks in its path works`() async throws {
            try await Lab.run { lab in
                let folder = lab.scratch("a state/with 'blanks' and ü")
                let state = ["PSPARTY_STATE_HOME": folder]
                let login = try await lab.psparty("login", "--npsso", "-", input: lab.npsso(0), variables: state)
                #expect(login.stdout == "psparty-user-a\n")
                #expect(try await lab.psparty("whoami", variables: state).stdout == "psparty-user-a\n")
                #expect(FileManager.default.fileExists(atPath: folder + "/profiles/default/credentials.json"))
            }
        }

        @Test func `without HOME PSPARTY_STATE_HOME is enough, and without both a login fails`()
            async throws
        {
            try await Lab.run { lab in
                let homeless = ["HOME": "", "XDG_STATE_HOME": "", "XDG_CONFIG_HOME": "", "XDG_CACHE_HOME": ""]
                let login = try await lab.psparty("login", "--npsso", "-", input: lab.npsso(0), variables: homeless)
                #expect(login.status == 0, "\(login.stderr)")
                let nowhere = homeless.merging(["PSPARTY_STATE_HOME": ""]) { $1 }
                let lost = try await lab.psparty("login", "--npsso", "-", input: lab.npsso(0), variables: nowhere)
                #expect(lost.status == 70)
                #expect(lost.stderr.contains("PSPARTY_STATE_HOME"))
                let token = nowhere.merging(["PSPARTY_ACCESS_TOKEN": try await lab.token()]) { $1 }
                #expect(try await lab.psparty("token", variables: token).status == 0)
            }
        }

        @Test func `a state folder that cannot be written is reported`() async throws {
            try await Lab.run { lab in
                let file = try lab.scratch.write("", to: "file")
                let result = try await lab.psparty(
                    "login", "--npsso", "-", input: lab.npsso(0), variables: ["PSPARTY_STATE_HOME": file])
                #expect(result.status == 70)
                #expect(result.stdout.isEmpty)
                #expect(result.stderr.contains(file))
            }
        }
    }
}
