import Foundation
import PartyCore
import Testing

/// The invented wire samples beside these tests.
enum Fixture {
    static func bytes(_ name: String) throws -> [UInt8] {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/" + name, withExtension: nil))
        return Array(try Data(contentsOf: url))
    }

    static func elements(_ name: String) throws -> [JSONView] {
        try JSONDocument(try bytes(name)).root.elements
    }

    /// The push frames of `frames.ndjson`, each with the event type it must become.
    static func frames() throws -> [(type: String, frame: [UInt8])] {
        try bytes("frames.ndjson").split(separator: 0x0A).map { line in
            let root = try JSONDocument(Array(line)).root
            return (try #require(root["type"]?.string), Array(try #require(root["frame"]).source))
        }
    }
}

/// The root of a JSON text.
func json(_ text: String) throws(CodecError) -> JSONView {
    try JSONDocument(Array(text.utf8)).root
}

/// Bytes as text, so that a failed comparison is readable.
func text(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: Array(bytes), as: UTF8.self)
}

let alice = AccountID(1_000_000_000_000_000_001)
let bob = AccountID(1_000_000_000_000_000_002)
let partyID = PartyID("11111111-2222-4333-8444-555555555555")
