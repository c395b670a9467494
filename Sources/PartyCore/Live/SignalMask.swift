import CLinux

/// What was decided about signals by whoever started us.
package enum SignalMask {
    /// Whether a signal is ignored so far.
    package static func isIgnored(_ number: Int32) -> Bool {
        party_ignores(number) != 0
    }
}
