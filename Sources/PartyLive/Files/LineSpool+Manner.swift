package import PartyCore

extension LineSpool {
    /// Why nothing more is handed on.
    package enum Failure: Error, Sendable, Equatable {
        /// Whoever took them has left.
        case takerLeft
        case failed(PartyError)
    }

    /// How lines are taken.
    package struct Manner: Sendable {
        var portion: LineBacklog.Portion
        var pause: Duration?

        /// As they come, as many at once as fit into so many bytes.
        package static func pieces(of size: Int) -> Manner { Manner(portion: .upTo(bytes: size)) }
        /// One line after the other.
        package static let oneByOne = Manner(portion: .oneLine)
        /// What has come within a moment, or at once what is a lot.
        package static func gathered(for pause: Duration) -> Manner {
            Manner(portion: .upTo(bytes: 1 << 20), pause: pause)
        }
    }

    /// Where lines wait.
    package struct Room: Sendable {
        package var limits = LineBacklog.Limits()
        /// Makes the file for what finds no room in memory.
        package var file: @Sendable () -> SpillFile

        package init(file: @escaping @Sendable () -> SpillFile) {
            self.file = file
        }
    }
}
