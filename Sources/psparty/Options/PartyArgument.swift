import ArgumentParser
import PartyCore

/// A PARTY argument: an id, a link, `current`, or `-` for standard input.
enum PartyArgument: ExpressibleByArgument, Sendable, Equatable {
    case reference(PartyReference)
    case standardInput

    static let current = PartyArgument.reference(.current)
    static let forms = "a party is an id (a UUID), a party link, or the word current"

    /// The default that the help shows.
    var defaultValueDescription: String {
        switch self {
        case .reference(.current): "current"
        case .reference(.id(let id)): id.text
        case .reference(.link(let link)): link
        case .standardInput: "-"
        }
    }

    init?(argument: String) {
        if argument == "-" {
            self = .standardInput
        } else if let reference = PartyReference(argument) {
            self = .reference(reference)
        } else {
            return nil
        }
    }
}
