import Foundation
import Glibc
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// Raw sound into the engine of this repository, and out of it.
    struct VoiceSoundTests {
        /// Several members receive it, by a file and by a player; the writer is faster than real time.
        @Test(.enabled(if: VoiceEngine.isWanted, "scripts/bootstrap --voice installs the engine"))
        func `sound from a descriptor arrives complete at each other member`() async throws {
            try await Lab.run { lab in
                let party = try await lab.party(of: 3)
                for name in ["b", "c"] { try await lab.psparty("join", party, "--profile", name) }
                let engine = try VoiceEngine(in: lab)
                let sound = try Sound(lab)
                let speaking = try lab.start(program: [
                    "sh", "-c", "while cat \(sound.tone); do :; done > \(sound.pipe)",
                ])
                let players = try Self.players(lab, sound)
                let ann = try lab.voice("a", engine.words(["--send-fd", "3"]), redirection: "3< \(sound.pipe)")
                let bob = try lab.voice("b", engine.words(["--play-fd", "9"]), redirection: "9> \(sound.written)")
                let cid = try lab.voice("c", engine.words(["--play"]), path: players)
                try await VoiceEngine.says(cid, "pw-cat --playback --raw does not work")
                try await VoiceEngine.says(cid, "pw-cat --playback --format does not work")
                for file in [sound.written, sound.played] {
                    try await eventually(.seconds(40), "the tone in \(file)") {
                        try Sound.toneShare(atEndOf: file) > 0.9
                    }
                }
                for member in [ann, bob, cid] {
                    member.signal(SIGTERM)
                    #expect(try await member.end().status == 143)
                }
                _ = try await speaking.end()
                try await lab.isClean(engine)
            }
        }

        @Test(.enabled(if: VoiceEngine.isWanted, "scripts/bootstrap --voice installs the engine"))
        func `sound that cannot be played ends the run with a reason`() async throws {
            try await Lab.run { lab in
                _ = try await lab.party(of: 1)
                let engine = try VoiceEngine(in: lab)
                let nothing = try lab.scratch.folder("nothing")
                let cases = [
                    (["--play"], "--play needs one of pw-cat, pacat, aplay"),
                    (["--play-fd", "8"], "8 is not open"), (["--send-fd", "1"], "are taken by the protocol"),
                ]
                for (options, words) in cases {
                    let run = try lab.voice("a", engine.words(options), path: nothing, redirection: "8>&-")
                    let result = try await run.end()
                    #expect(result.status == 1)
                    #expect(result.stderr.contains(words), "\(result.stderr)")
                    #expect(!result.stderr.contains("Traceback"), "\(result.stderr)")
                }
                try await lab.isClean(engine)
            }
        }

        /// A player that always fails, and one that works.
        private static func players(_ lab: Lab, _ sound: Sound) throws -> String {
            let folder = try lab.scratch.folder("players")
            let programs = [
                "pw-cat": "echo pw-cat $1 $2 does not work; exit 3", "pacat": "exec /bin/cat > \(sound.played)",
            ]
            for (name, script) in programs {
                try lab.scratch.write("#!/bin/sh\n" + script + "\n", to: "players/" + name)
                try lab.scratch.setMode("players/" + name, to: 0o700)
            }
            return folder
        }
    }
}

extension Lab {
    /// Starts a voice run from a shell that opens files for it, with another PATH.
    fileprivate func voice(
        _ profile: String, _ engine: [String], path: String = "/usr/bin:/bin", redirection: String = ""
    ) throws -> RunningProgram {
        let run = [Self.psparty, "voice", "run", "--profile", profile, "--json", "--"] + engine
        return try start(
            program: ["/bin/sh", "-c", "exec \"$@\" \(redirection)", "sh"] + run, variables: ["PATH": path])
    }
}

/// A tone as raw sound, and the files that it is recorded to.
private struct Sound {
    private static let rate = 48000
    private static let frequency = 440.0

    /// One second of the tone; it can be repeated without a gap.
    let tone: String
    let pipe: String
    let written: String
    let played: String

    init(_ lab: Lab) throws {
        tone = lab.scratch("tone.raw")
        pipe = lab.scratch("pipe")
        written = lab.scratch("written.raw")
        played = lab.scratch("played.raw")
        var bytes: [UInt8] = []
        for index in 0..<Self.rate {
            let value = Int16(8000 * sin(2 * Double.pi * Self.frequency * Double(index) / Double(Self.rate)))
            bytes += [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
        }
        try Data(bytes).write(to: URL(fileURLWithPath: tone))
        let failure = unsafe mkfifo(pipe, 0o600)
        try #require(failure == 0)
    }

    /// The share of the tone in the power of a file's last half second; 1 for a pure tone.
    static func toneShare(atEndOf file: String) throws -> Double {
        guard let data = FileManager.default.contents(atPath: file), data.count >= rate else { return 0 }
        let bytes = Array(data.prefix(data.count & ~1).suffix(rate))
        var (real, imaginary, power) = (0.0, 0.0, 0.0)
        for index in 0..<bytes.count / 2 {
            let sample = Double(Int16(bitPattern: UInt16(bytes[2 * index]) | UInt16(bytes[2 * index + 1]) << 8))
            let angle = 2 * Double.pi * frequency * Double(index) / Double(rate)
            real += sample * cos(angle)
            imaginary += sample * sin(angle)
            power += sample * sample
        }
        let count = Double(bytes.count / 2)
        return power / count < 100 ? 0 : 2 * (real * real + imaginary * imaginary) / count / power
    }
}
