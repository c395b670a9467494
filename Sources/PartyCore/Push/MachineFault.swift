/// An input that the state of a machine does not allow. It is a defect of psparty: it is reported and otherwise ignored.
package struct MachineFault: Sendable, Equatable, CustomStringConvertible {
    package let input: String
    package let state: String

    /// - Parameter input: a case of an enum; only its name is kept, as its values may be private.
    /// - Parameter state: the same.
    package init(_ input: some Sendable, in state: some Sendable) {
        self.input = Self.name(of: input)
        self.state = Self.name(of: state)
    }

    private static func name(of value: some Sendable) -> String { String("\(value)".prefix { $0 != "(" }) }

    package var description: String { "fault: \(input) in state \(state)" }
}
