package import PartyCore

/// An engine in the test's process that answers at once, or as the test says.
package final class EngineDouble: Sendable {
    /// The lines that it got.
    package let told = Tape<String>()
    /// Whether it was stopped.
    package let wasStopped = OneShotEvent()
    private let post: AsyncStream<[EngineLink.Output]>.Continuation
    private let output: AsyncStream<[EngineLink.Output]>
    private let react: @Sendable (EngineDouble, String) -> Void

    /// - Parameter react: called with each line that it gets.
    package init(_ react: @escaping @Sendable (EngineDouble, String) -> Void = { $0.obey($1) }) {
        (output, post) = AsyncStream<[EngineLink.Output]>.makeStream()
        self.react = react
    }

    /// The seam of the client; an engine with `isDeaf` does not read.
    package func link(isDeaf: Bool = false) -> EngineLink {
        EngineLink(
            output: output,
            send: { [self] bytes in
                for line in bytes.split(separator: 0x0A) {
                    let text = String(decoding: line, as: UTF8.self)
                    told.append(text)
                    react(self, text)
                }
                return !isDeaf
            },
            stop: { [self] in
                wasStopped.set()
                end(.exited(status: 0))
            })
    }

    package func say(_ line: String) {
        post.yield([.line(Array(line.utf8))])
    }

    /// Sends something other than lines.
    package func put(_ output: EngineLink.Output) {
        post.yield([output])
    }

    package func end(_ end: EngineLink.End) {
        post.yield([.ended(end)])
        post.finish()
    }

    /// Answers every offer, and makes the requested ones.
    package func obey(_ line: String) {
        guard let peer = Self.value(of: "peer", in: line) else { return }
        switch Self.value(of: "type", in: line) {
        case "offer": say(#"{"type":"answer","peer":"\#(peer)","sdp":"v=0\r\na=answer\r\n"}"#)
        case "want-offer": say(#"{"type":"offer","peer":"\#(peer)","sdp":"v=0\r\na=offer\r\n"}"#)
        default: break
        }
    }

    /// The value of a text field in a line of ours.
    package static func value(of key: String, in line: String) -> String? {
        let parts = line.split(separator: "\"\(key)\":\"", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        return parts[1].split(separator: "\"", omittingEmptySubsequences: false).first.map(String.init)
    }
}
