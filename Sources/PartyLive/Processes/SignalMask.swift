import CLinux

/// The signal settings that this process was started with.
package enum SignalMask {
    /// Takes back, for a program, what would hide the end of its children, or end it at a file that is full.
    package static func settle() {
        party_settle_signals()
    }

    /// Whether a signal is ignored so far.
    package static func isIgnored(_ number: Int32) -> Bool {
        party_ignores(number) != 0
    }
}
